using RdsTunnel.Aws.Http;

namespace RdsTunnel.Aws.Clients;

/// <summary>One HTTP client for each file of certificate authorities. Thread-safe.</summary>
/// <param name="create">Reads the file, null for none: it may hang, or fail and be mended later. Nobody waits for another file's.</param>
internal sealed class HttpPool(Func<string?, HttpClients> create) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HttpClients> _clients = new(StringComparer.Ordinal); // by file; "" for none; guarded by _gate

    public HttpClients Get(string? caBundle)
    {
        if (Find(caBundle) is { } known)
        {
            return known;
        }

        var made = create(caBundle);
        HttpClients? first;
        lock (_gate)
        {
            first = _clients.TryAdd(caBundle ?? "", made) ? null : _clients[caBundle ?? ""];
        }

        if (first is not null)
        {
            made.Dispose();
        }

        return first ?? made;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var clients in _clients.Values)
            {
                clients.Dispose();
            }
        }
    }

    private HttpClients? Find(string? caBundle)
    {
        lock (_gate)
        {
            return _clients.GetValueOrDefault(caBundle ?? "");
        }
    }
}
