using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;

namespace RdsTunnel.Tunnels.JumpHosts;

/// <summary>The access requests of this process: one for a node at a time, whichever tunnels want it, and one that looks after it.
/// Thread-safe.</summary>
internal sealed class AccessRequests(TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();

    // Guarded by _gate. One that nobody waits for stays, for a tunnel that is opened again while it counts.
    private readonly Dictionary<(ISessionService Service, string Target), Entry> _entries = [];
    private readonly List<Task> _left = [];
    private bool _isClosed;

    /// <summary>Whether it is of the kind that access can be requested to: an instance, or a node outside of EC2.</summary>
    public static bool CanRequest(string target) =>
        target.StartsWith("i-", StringComparison.Ordinal) || target.StartsWith("mi-", StringComparison.Ordinal);

    /// <summary>Joins the request for a node that still counts; without one, makes one.</summary>
    /// <param name="reason">For the approvers.</param>
    /// <param name="denial">What a session failed with.</param>
    public AccessRequest Join(ISessionService service, INodeAccess access, string target, string reason, AwsException denial)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            var key = (service, target);
            if (!_entries.TryGetValue(key, out var entry) || entry.Request.HasEnded)
            {
                entry?.Looking?.Dispose();
                _entries[key] = entry = new Entry(new AccessRequest(access, target, reason, denial, time, logger));
            }

            if (entry.Users++ == 0)
            {
                entry.Looking = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
                if (entry.Request.Sessions is null)
                {
                    entry.Request.Renew();
                    entry.Running = RunAfterAsync(entry.Running, entry.Request, entry.Looking.Token);
                }
            }

            return entry.Request;
        }
    }

    /// <summary>A tunnel does not want it any more.</summary>
    public void Leave(AccessRequest request)
    {
        lock (_gate)
        {
            if (
                _isClosed
                || _entries.FirstOrDefault(each => each.Value.Request == request) is not { Value: { } entry }
                || --entry.Users > 0
            )
            {
                return;
            }

            _left.RemoveAll(each => each.IsCompleted);
            _left.Add(EndAsync(entry.Running, entry.Looking!));
            entry.Looking = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Entry[] entries;
        Task[] left;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            entries = [.. _entries.Values];
            left = [.. _left];
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll([.. left, .. entries.Select(each => each.Running)]).ConfigureAwait(false);
        foreach (var entry in entries)
        {
            entry.Looking?.Dispose();
        }

        _closing.Dispose();
    }

    private async Task RunAfterAsync(Task former, AccessRequest request, CancellationToken looking)
    {
        await former.ConfigureAwait(false);
        await request.RunAsync(looking, _closing.Token).ConfigureAwait(false);
    }

    private static async Task EndAsync(Task running, CancellationTokenSource looking)
    {
        await looking.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        looking.Dispose();
    }

    private sealed class Entry(AccessRequest request)
    {
        public AccessRequest Request => request;

        /// <summary>The tunnels that want it.</summary>
        public int Users { get; set; }

        /// <summary>Null while nobody wants it.</summary>
        public CancellationTokenSource? Looking { get; set; }

        public Task Running { get; set; } = Task.CompletedTask;
    }
}
