using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels.Local;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Listens on a port of 127.0.0.1 and hands on each connection of this user's, or of everybody's where that is allowed. It stops only when disposed.</summary>
internal sealed class LocalPortForwarder : IAsyncDisposable
{
    /// <summary>Connections at once. Far more than database tools open; it bounds what a runaway client can take.</summary>
    private const int MaxConnections = 1024;

    /// <summary>After an accept that failed, for want of descriptors, say.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly bool _othersMay;
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<Socket, Task> _connections = [];  // guarded by _gate
    private readonly Task _accepting;

    private LocalPortForwarder(Socket listener, bool othersMay, Func<Socket, CancellationToken, Task> serve, TimeProvider time, ILogger logger)
    {
        _listener = listener;
        _othersMay = othersMay;
        _serve = serve;
        _time = time;
        _logger = logger;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _accepting = Task.Run(AcceptAsync);
    }

    public int Port { get; }

    /// <param name="port">0 for any free one.</param>
    /// <param name="othersMay">Other users of this machine may connect.</param>
    /// <param name="serve">Serves a connection, and disposes of it; its token ends it.</param>
    /// <exception cref="TunnelException">The port cannot be bound.</exception>
    public static LocalPortForwarder Listen(int port, bool othersMay, Func<Socket, CancellationToken, Task> serve, TimeProvider time, ILogger logger)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                // Otherwise another program could bind the same port, and take its connections.
                listener.ExclusiveAddressUse = true;
            }

            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            listener.Listen();
            return new LocalPortForwarder(listener, othersMay, serve, time, logger);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw e.SocketErrorCode == SocketError.AddressAlreadyInUse ? InUse(port, e) : Denied(port, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        Task[] connections;
        lock (_gate)
        {
            connections = [.. _connections.Values];
        }

        await Task.WhenAll(connections).ConfigureAwait(false);
    }

    private static TunnelException InUse(int port, SocketException cause) => new(
        TunnelErrorCode.LocalPortInUse,
        $"Port 127.0.0.1:{port} is in use by {PortOwner.Find(port) ?? "another process"}. Close that program, or choose another local port.", cause);

    private static TunnelException Denied(int port, SocketException cause) => new(
        TunnelErrorCode.LocalPortDenied,
        $"Couldn't listen on 127.0.0.1:{port}: {SafeText.Describe(cause)}. Choose another local port, 1024 or higher.", cause);

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
                // Whatever it was, the port is bound, and the next connection may fare better.
                TunnelLog.AcceptFailed(_logger, Port, e);
                await Task.Delay(PauseAfterFailure, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Admit(Socket socket)
    {
        if (Refusal(socket) is { } refusal)
        {
            TunnelLog.ConnectionRefused(_logger, Port, refusal);
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
            socket.NoDelay = true;
            await _serve(socket, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            TunnelLog.ConnectionFailed(_logger, e);
        }
        finally
        {
            socket.Dispose();
            DescriptorBudget.OfProcess.Return();
            lock (_gate)
            {
                _connections.Remove(socket);
            }
        }
    }

    /// <returns>Null when the connection is served; it has a descriptor of the budget then.</returns>
    private string? Refusal(Socket socket)
    {
        lock (_gate)
        {
            if (_connections.Count >= MaxConnections)
            {
                return $"{MaxConnections} connections are already open.";
            }
        }

        return !_othersMay && Admission.RefusalOf(socket) is { } stranger ? stranger
            : DescriptorBudget.OfProcess.TryTake() ? null
            : $"{DescriptorBudget.OfProcess.Most} connections are open in all tunnels, the most that this system's open file limit allows.";
    }
}
