using System.IO.Pipes;
using Microsoft.Extensions.Logging;
using RdsTunnel.Rpc;

namespace RdsTunnel.Sharing;

/// <summary>Lets other windows of this user use a tunnel, through the pipe of its port.</summary>
internal sealed partial class SharingDoor : IAsyncDisposable
{
    /// <summary>After a pipe that could not be made: too many windows, or no descriptor left.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    private readonly MeetingPlace _place;
    private readonly HeldTunnel _tunnel;
    private readonly SharingIdentity _identity;
    private readonly int _port;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly List<JsonRpcConnection> _peers = []; // those that use the tunnel; guarded by _gate
    private readonly HashSet<Task> _serving = []; // up to the end of the pipe; guarded by _gate
    private readonly HashSet<Task> _leaving = []; // the same, up to the end of the use; guarded by _gate
    private readonly Task _accepting;
    private Task? _closed; // guarded by _gate

    public SharingDoor(MeetingPlace place, HeldTunnel tunnel, int port, SharingIdentity identity, TimeProvider time, ILoggerFactory loggers)
    {
        (_place, _tunnel, _port, _identity, _time, _loggers) = (place, tunnel, port, identity, time, loggers);
        _logger = loggers.CreateLogger<SharingDoor>();
        _accepting = AcceptAsync(TryListen());
    }

    /// <summary>One of those that use the tunnel, if there is any.</summary>
    public JsonRpcConnection? Peer
    {
        get
        {
            lock (_gate)
            {
                return _peers.FirstOrDefault();
            }
        }
    }

    /// <summary>Nobody comes in any more, and those who are there lose the connection. When it returns, the pipe's name is free.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new(_closed ??= CloseAsync());
        }
    }

    private async Task CloseAsync()
    {
        await Task.Yield();
        await _closing.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        Task all;
        lock (_gate)
        {
            all = Task.WhenAll(_serving);
        }

        await all.ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task AcceptAsync(NamedPipeServerStream? first)
    {
        await Task.Yield();
        var pipe = first;
        while (!_closing.IsCancellationRequested)
        {
            pipe ??= TryListen();
            if (pipe is null)
            {
                await Task.Delay(PauseAfterFailure, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            var isThere = await HasComeAsync(pipe).ConfigureAwait(false);
            // The next one first: the name goes with the last one.
            var next = _closing.IsCancellationRequested ? null : TryListen();
            if (isThere)
            {
                Serve(pipe);
            }
            else
            {
                await pipe.DisposeAsync().ConfigureAwait(false);
            }

            pipe = next;
        }

        if (pipe is not null)
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> HasComeAsync(NamedPipeServerStream pipe)
    {
        try
        {
            await pipe.WaitForConnectionAsync(_closing.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already, or another user's.
            LogRefused(_port, e);
            return false;
        }
    }

    private NamedPipeServerStream? TryListen()
    {
        try
        {
            return _place.Listen(_port);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotListening(_port, e);
            return null;
        }
    }

    private void Serve(NamedPipeServerStream pipe)
    {
        var peer = new PeerServer(_tunnel, _identity);
        var serving = ServeAsync(pipe, peer);
        lock (_gate)
        {
            _serving.RemoveWhere(task => task.IsCompleted);
            _serving.Add(serving);
            _leaving.RemoveWhere(task => task.IsCompleted);
            _leaving.Add(LeaveAfterAsync(serving, peer));
        }
    }

    // Whoever was the last to use the tunnel closes this door, which waits for all that is served.
    private async Task LeaveAfterAsync(Task serving, PeerServer peer)
    {
        await serving.ConfigureAwait(false);
        try
        {
            if (peer.End())
            {
                await _tunnel.LeaveAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            LogFailed(_port, e);
        }
    }

    /// <summary>Never fails.</summary>
    private async Task ServeAsync(NamedPipeServerStream pipe, PeerServer peer)
    {
        await Task.Yield();
        var connection = new JsonRpcConnection(new PipeTransport(pipe), _time, _loggers.CreateLogger<JsonRpcConnection>());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        var telling = TellAsync(connection, peer, over.Token);
        try
        {
            await connection.RunAsync(peer, over.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // As it was told to.
        }
        catch (Exception e)
        {
            LogFailed(_port, e);
        }

        await over.CancelAsync().ConfigureAwait(false);
        await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // cancelled
        await pipe.DisposeAsync().ConfigureAwait(false);
    }

    // What becomes of the tunnel is told to those who use it.
    private async Task TellAsync(JsonRpcConnection connection, PeerServer peer, CancellationToken cancellationToken)
    {
        await peer.Joined.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            _peers.Add(connection);
        }

        try
        {
            LogJoined(_port);
            await new TunnelNotifications(_tunnel, connection, _time).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _peers.Remove(connection);
            }

            LogLeft(_port);
        }
    }

    [LoggerMessage(600, LogLevel.Information, "Another window uses the tunnel on port {Port} as well")]
    private partial void LogJoined(int port);

    [LoggerMessage(601, LogLevel.Information, "Another window stopped using the tunnel on port {Port}")]
    private partial void LogLeft(int port);

    [LoggerMessage(602, LogLevel.Debug, "A window could not join the tunnel on port {Port}")]
    private partial void LogRefused(int port, Exception exception);

    [LoggerMessage(603, LogLevel.Warning, "Other windows cannot share the tunnel on port {Port}")]
    private partial void LogNotListening(int port, Exception exception);

    [LoggerMessage(604, LogLevel.Error, "Another window's use of the tunnel on port {Port} failed unexpectedly")]
    private partial void LogFailed(int port, Exception exception);
}
