using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;
using RdsTunnel.Loopback;

namespace RdsTunnel.Host;

/// <summary>A small and strict HTTP server for probes: a request for each connection, no body, few and short headers. Thread-safe.</summary>
internal sealed partial class ServeListener : IAsyncDisposable
{
    /// <summary>At once. Probes and scrapers take one each; when there are more, the oldest one is closed.</summary>
    public const int MaxConnections = 16;

    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(5);

    /// <summary>After an accept that failed, for want of descriptors, say.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly ServeHosts _hosts;
    private readonly IReadOnlyDictionary<string, ServeRoute> _routes;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly LinkedList<(CancellationTokenSource Evicted, Task Serving)> _connections = []; // guarded by _gate
    private readonly Task _accepting;

    private ServeListener(Socket listener, IReadOnlyDictionary<string, ServeRoute> routes, TimeProvider time, ILogger<ServeListener> logger)
    {
        (_listener, _routes, _time, _logger) = (listener, routes, time, logger);
        _hosts = new ServeHosts(Address.Address);
        _accepting = Task.Run(AcceptAsync);
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <param name="routes">By path.</param>
    /// <exception cref="ServeException">The port cannot be bound.</exception>
    public static ServeListener Listen(
        IPEndPoint endpoint,
        IReadOnlyDictionary<string, ServeRoute> routes,
        TimeProvider time,
        ILogger<ServeListener> logger
    )
    {
        Socket? listener = null;
        try
        {
            listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                listener.DualMode = true;
            }

            if (OperatingSystem.IsWindows())
            {
                listener.ExclusiveAddressUse = true;
            }

            listener.Bind(endpoint);
            listener.Listen();
        }
        catch (SocketException e)
        {
            listener?.Dispose();
            throw new ServeException($"Couldn't listen on {endpoint} for HTTP: {SafeText.Describe(e)}. Choose another port.", e);
        }

        return new ServeListener(listener, routes, time, logger);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        Task[] serving;
        lock (_gate)
        {
            serving = [.. _connections.Select(connection => connection.Serving)];
        }

        await Task.WhenAll(serving).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Admit(await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogAcceptFailed(e);
                await Task.Delay(PauseAfterFailure, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Admit(Socket socket)
    {
        var evicted = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        lock (_gate)
        {
            if (_connections.Count >= MaxConnections)
            {
                _connections.First!.Value.Evicted.Cancel();
                _connections.RemoveFirst();
            }

            var place = _connections.AddLast((evicted, Task.CompletedTask));
            place.Value = (evicted, ServeAsync(socket, place, evicted));
        }
    }

    private async Task ServeAsync(
        Socket socket,
        LinkedListNode<(CancellationTokenSource Evicted, Task Serving)> place,
        CancellationTokenSource evicted
    )
    {
        await Task.Yield();
        try
        {
            using var late = new CancellationTokenSource(RequestTime, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(evicted.Token, late.Token);
            var stream = new NetworkStream(socket, ownsSocket: false);
            await using (stream.ConfigureAwait(false))
            {
                var answer = await AnswerAsync(socket, stream, either.Token).ConfigureAwait(false);
                await stream.WriteAsync(answer.ToBytes(), either.Token).ConfigureAwait(false);
                // What was sent and not read would turn the end into a reset, which would take the answer with it.
                socket.Shutdown(SocketShutdown.Send);
                var rest = new byte[1024];
                while (await stream.ReadAsync(rest, either.Token).ConfigureAwait(false) > 0) { }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            LogGone(SafeText.Describe(e));
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
        finally
        {
            socket.Dispose();
            lock (_gate)
            {
                if (place.List is not null)
                {
                    _connections.Remove(place);
                }
            }

            evicted.Dispose();
        }
    }

    private async Task<ServeAnswer> AnswerAsync(Socket socket, NetworkStream stream, CancellationToken cancellationToken)
    {
        var (head, problem) = await ServeRequestHead.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        if (head is null)
        {
            return problem!;
        }

        if (!_hosts.Include(head.Host))
        {
            LogRefused("it names another host");
            return new ServeAnswer(403, "The Host header names another host. Use an address.\n");
        }

        // A page in a browser can send a request anywhere; no probe or scraper says where it is from.
        if (head.HasOrigin)
        {
            LogRefused("it comes from a web page");
            return new ServeAnswer(403, "Requests of web pages are refused.\n");
        }

        return !_routes.TryGetValue(head.Path, out var route) ? new ServeAnswer(404, "Not found.\n")
            : route.Method != head.Method ? new ServeAnswer(405, $"Use {route.Method}.\n") { Allow = route.Method }
            : await route
                .Answer(new ServeRequest(LoopbackPeer.OwnerOf(socket) is PeerOwner.Self or PeerOwner.Root), cancellationToken)
                .ConfigureAwait(false);
    }

    [LoggerMessage(730, LogLevel.Warning, "Accepting an HTTP connection failed; still listening")]
    private partial void LogAcceptFailed(Exception exception);

    [LoggerMessage(731, LogLevel.Debug, "An HTTP connection broke off: {Reason}")]
    private partial void LogGone(string reason);

    [LoggerMessage(732, LogLevel.Error, "An HTTP request failed unexpectedly")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(733, LogLevel.Warning, "An HTTP request was refused: {Reason}")]
    private partial void LogRefused(string reason);
}

/// <summary>What answers a path, to one method.</summary>
internal sealed record ServeRoute(string Method, Func<ServeRequest, CancellationToken, Task<ServeAnswer>> Answer)
{
    public static ServeRoute Get(Func<ServeRequest, ServeAnswer> answer) => new("GET", (request, _) => Task.FromResult(answer(request)));

    public static ServeRoute Post(Func<ServeRequest, ServeAnswer> answer) => new("POST", (request, _) => Task.FromResult(answer(request)));
}

/// <param name="IsOwn">It comes from a program of this user or of root on this machine.</param>
internal sealed record ServeRequest(bool IsOwn);

/// <param name="Text">Its body.</param>
internal sealed record ServeAnswer(int Status, string Text, string ContentType = "text/plain; charset=utf-8")
{
    /// <summary>The method to use, for status 405.</summary>
    public string? Allow { get; init; }

    public byte[] ToBytes()
    {
        var body = Encoding.UTF8.GetBytes(Text);
        var head =
            $"HTTP/1.1 {Status} {ReasonOf(Status)}\r\nContent-Type: {ContentType}\r\nContent-Length: {body.Length}\r\n"
            + $"{(Allow is null ? "" : $"Allow: {Allow}\r\n")}Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static string ReasonOf(int status) =>
        status switch
        {
            200 => "OK",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            413 => "Content Too Large",
            431 => "Request Header Fields Too Large",
            503 => "Service Unavailable",
            505 => "HTTP Version Not Supported",
            _ => "Answer",
        };
}

/// <summary>Headless serving can't start, for a reason that the operator can do something about.</summary>
internal sealed class ServeException(string message, Exception? innerException = null) : Exception(message, innerException);
