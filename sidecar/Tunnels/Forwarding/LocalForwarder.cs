using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels.Local;
using RdsTunnel.Tunnels.Measures;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Accepts on a port or a socket file, and hands on each connection of this
/// user's, or of everybody's where that is allowed. It stops only when drained or disposed.</summary>
internal sealed class LocalForwarder : IAsyncDisposable
{
    /// <summary>Connections at once. Far more than database tools open; it bounds what a runaway client can take.</summary>
    private const int MaxConnections = 1024;

    /// <summary>After an accept that failed, for want of descriptors, say.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly int _port;
    private readonly bool _othersMay;
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly Action<RefusalReason> _onRefused;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Socket, Task> _connections = []; // guarded by _gate
    private readonly Task _accepting;

    /// <param name="listener">Bound, and listening; disposed of with this.</param>
    /// <param name="port">Of the tunnel, for the log.</param>
    /// <param name="othersMay">Other users of this machine may connect.</param>
    /// <param name="serve">Serves a connection, and disposes of it; its token ends it.</param>
    /// <param name="onRefused">Told of each that is not served.</param>
    public LocalForwarder(
        Socket listener,
        int port,
        bool othersMay,
        Func<Socket, CancellationToken, Task> serve,
        Action<RefusalReason> onRefused,
        TimeProvider time,
        ILogger logger
    )
    {
        _listener = listener;
        _port = port;
        _othersMay = othersMay;
        _serve = serve;
        _onRefused = onRefused;
        _time = time;
        _logger = logger;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Accepts nothing any more; completes when the connections that are there have ended.</summary>
    public async Task DrainAsync()
    {
        await _stopAccepting.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Dispose();
        await ConnectionsAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _stopAccepting.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        await ConnectionsAsync().ConfigureAwait(false);
    }

    private Task ConnectionsAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll([.. _connections.Values]);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (IsStopping && !_listener.Poll(TimeSpan.Zero, SelectMode.SelectRead))
                {
                    return;
                }

                Admit(await _listener.AcceptAsync(IsStopping ? _stop.Token : _stopAccepting.Token).ConfigureAwait(false));
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException) when (IsStopping)
            {
                // Those who wait in the queue have been told that they are connected.
            }
            catch (Exception e)
            {
                // Whatever it was, the port is bound, and the next connection may fare better.
                TunnelLog.AcceptFailed(_logger, _port, e);
                await Task.Delay(PauseAfterFailure, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private bool IsStopping => _stopAccepting.IsCancellationRequested;

    private void Admit(Socket socket)
    {
        if (RefusalOf(socket) is { } refusal)
        {
            TunnelLog.ConnectionRefused(_logger, _port, refusal.Words);
            _onRefused(refusal.Reason);
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Dispose();
            return;
        }

        lock (_gate)
        {
            _connections.Add(socket, ServeAsync(socket));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        try
        {
            if (socket.ProtocolType == ProtocolType.Tcp)
            {
                socket.NoDelay = true;
            }

            await _serve(socket, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            TunnelLog.ConnectionFailed(_logger, e);
        }
        finally
        {
            socket.Dispose();
            DescriptorBudget.OfProcess.ReturnConnection();
            lock (_gate)
            {
                _connections.Remove(socket);
            }
        }
    }

    /// <returns>Null when the connection is served; it has a descriptor of the budget then.</returns>
    private Refusal? RefusalOf(Socket socket)
    {
        lock (_gate)
        {
            if (_connections.Count >= MaxConnections)
            {
                return new(RefusalReason.TunnelFull, $"{MaxConnections} connections are already open.");
            }
        }

        return !_othersMay && Admission.RefusalOf(socket) is { } stranger ? stranger
            : DescriptorBudget.OfProcess.TryTakeConnection() ? null
            : new(
                RefusalReason.ProcessFull,
                "As many connections are open in all tunnels as this system's open file limit allows (ulimit -n)."
            );
    }
}
