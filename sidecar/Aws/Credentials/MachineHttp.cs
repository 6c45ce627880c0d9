using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Asks the machine's own services for credentials: nearby, never by a proxy. Thread-safe.</summary>
internal sealed partial class MachineHttp(SettingsResolver resolver, TimeProvider time) : IDisposable
{
    /// <summary>Credentials have 2 KB.</summary>
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>It is nearby: what takes longer does not come.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(2);

    private readonly Lazy<HttpClient> _client = new(
        () =>
        {
            var sockets = new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(1),
            };
            sockets.SslOptions.RemoteCertificateValidationCallback = resolver.TrustWith(resolver.CaBundleInEnvironment()).Accepts;
            return new HttpClient(sockets) { MaxResponseContentBufferSize = MaxAnswerBytes, Timeout = Timeout.InfiniteTimeSpan };
        },
        LazyThreadSafetyMode.PublicationOnly
    ); // a bundle that cannot be used today may be mended

    /// <returns>The answer's body; null when there is none: nobody answers, or with an error.</returns>
    public async Task<string?> AskAsync(HttpMethod method, Uri url, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, url);
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var deadline = new CancellationTokenSource(AnswerTime, time);
        try
        {
            using var response = await _client.Value.SendAsync(request, deadline.Token).ConfigureAwait(false);
            // As JSON is written, whatever character set a header names: one that nobody knows would be an error.
            return response.IsSuccessStatusCode
                ? Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(deadline.Token).ConfigureAwait(false))
                : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return null;
        }
    }

    /// <summary>The credentials in an answer; null when they are not there.</summary>
    public static MachineAnswer? Parse(string? body)
    {
        try
        {
            return
                body is not null
                && JsonSerializer.Deserialize(body, MachineJson.Default.MachineAnswer)
                    is { AccessKeyId: not null, SecretAccessKey: not null } answer
                ? answer
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    internal sealed record MachineAnswer(string? AccessKeyId, string? SecretAccessKey, string? Token, string? Expiration)
    {
        public override string ToString() => $"MachineAnswer {{ AccessKeyId = {AccessKeyId} }}";
    }

    [JsonSerializable(typeof(MachineAnswer))]
    private sealed partial class MachineJson : JsonSerializerContext;
}
