using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using RdsTunnel.Faults;
using RdsTunnel.Loopback;

namespace RdsTunnel.Aws.SignIn;

/// <summary>A port of 127.0.0.1 to which the browser comes back from the sign-in. Whoever does not
/// know the state learns nothing and changes nothing.</summary>
internal sealed class LoopbackRedirect : IDisposable
{
    public const string Path = "/oauth/callback";

    private const int MaxRequestBytes = 16 * 1024;

    /// <summary>More than a browser opens to one host.</summary>
    private const int MaxConnections = 16;

    /// <summary>For a request on this machine. Connections that say nothing must not keep the browser out.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener _listener;
    private readonly string _state;
    private readonly TimeProvider _time;

    private LoopbackRedirect(TcpListener listener, string state, TimeProvider time)
    {
        _listener = listener;
        _state = state;
        _time = time;
        Uri = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}{Path}";
    }

    public string Uri { get; }

    /// <exception cref="AwsException">No port can be had.</exception>
    public static LoopbackRedirect Listen(string state, TimeProvider time)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        try
        {
            listener.Start();
            return new LoopbackRedirect(listener, state, time);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"Couldn't open a local port for the browser to return to: {SafeText.Describe(e)}. Sign in with a device code.",
                e
            );
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>Waits for the browser; answers whatever else comes (a favicon, a port scan) with an error page.</summary>
    /// <exception cref="AwsException">The sign-in was denied.</exception>
    public async Task<string> ReceiveCodeAsync(CancellationToken cancellationToken)
    {
        // Browsers open connections ahead of need, and may say nothing on the first: all are listened to at once.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var serving = new List<Task<string?>>();
        var accepting = AcceptAsync(over.Token);
        try
        {
            while (true)
            {
                var done = await Task.WhenAny([.. serving, accepting]).ConfigureAwait(false);
                if (done is Task<string?> served && serving.Remove(served))
                {
                    if (await served.ConfigureAwait(false) is { } code)
                    {
                        return code;
                    }

                    continue;
                }

                serving.Add(ServeAsync(await accepting.ConfigureAwait(false), over.Token));
                accepting = serving.Count < MaxConnections ? AcceptAsync(over.Token) : WaitForRoomAsync(serving, over.Token);
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([.. serving, accepting]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<TcpClient> WaitForRoomAsync(List<Task<string?>> serving, CancellationToken cancellationToken)
    {
        await Task.WhenAny(serving).WaitAsync(cancellationToken).ConfigureAwait(false);
        return await AcceptAsync(cancellationToken).ConfigureAwait(false);
    }

    // The port stays bound whatever befalls one connection: there may be no descriptor at the moment.
    private async Task<TcpClient> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await _listener.AcceptTcpClientAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(PauseAfterFailure, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <returns>The code; null for whoever is not the browser that is waited for.</returns>
    private async Task<string?> ServeAsync(TcpClient connection, CancellationToken cancellationToken)
    {
        using var client = connection;
        if (!LoopbackPeer.IsSameUserOrRoot(client.Client))
        {
            client.LingerState = new LingerOption(enable: true, seconds: 0);
            return null;
        }

        using var late = new CancellationTokenSource(RequestTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            var stream = client.GetStream();
            var query = await ReadQueryAsync(stream, either.Token).ConfigureAwait(false);
            var isOurs =
                query is not null
                && query.TryGetValue("state", out var state)
                && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(_state));
            var code = isOurs ? query!.GetValueOrDefault("code") : null;
            await AnswerAsync(stream, isOurs, code is not null, either.Token).ConfigureAwait(false);
            return !isOurs ? null : code ?? throw new AwsException(AwsErrorCode.AccessDenied, "The sign-in was denied in the browser.");
        }
        catch (IOException)
        {
            // Whoever it was has gone. The browser may still come.
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    // GET /oauth/callback?code=…&state=… HTTP/1.1; null for anything else.
    private static async Task<Dictionary<string, string>?> ReadQueryAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxRequestBytes];
        var length = 0;
        while (length < buffer.Length && buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        var target = Encoding.ASCII.GetString(buffer, 0, length).Split(' ', 3) is ["GET", var path, _] ? path : "";
        return target.StartsWith(Path + "?", StringComparison.Ordinal)
            ? target[(Path.Length + 1)..]
                .Split('&')
                .Select(pair => pair.Split('=', 2))
                .Where(pair => pair.Length == 2)
                .GroupBy(pair => pair[0])
                .ToDictionary(same => same.Key, same => System.Uri.UnescapeDataString(same.First()[1]))
            : null;
    }

    private static ValueTask AnswerAsync(NetworkStream stream, bool isOurs, bool isAllowed, CancellationToken cancellationToken)
    {
        var (status, text) = (isOurs, isAllowed) switch
        {
            (true, true) => ("200 OK", "You're signed in. You can close this page and return to your editor."),
            (true, false) => ("200 OK", "Sign-in was denied. You can close this page."),
            _ => ("404 Not Found", "Page not found."),
        };
        var page =
            $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>RDS Tunnel</title>"
            + $"<body style=\"font:1.1rem system-ui;margin:4rem auto;max-width:30rem\"><h1>RDS Tunnel</h1><p>{text}</p></body></html>";
        return stream.WriteAsync(
            Encoding.UTF8.GetBytes(
                $"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(page)}\r\n"
                    + $"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}"
            ),
            cancellationToken
        );
    }
}
