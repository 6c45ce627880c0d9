using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Tunnels.Tests.Support;

/// <summary>A server of the target network: runs a script for each connection.</summary>
internal sealed class TargetServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Socket, Task> _script;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _open;

    public TargetServer(Func<Socket, Task> script)
    {
        _script = script;
        _listener.Start(backlog: 1024);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public int OpenConnections => Volatile.Read(ref _open);

    public static TargetServer Echo() =>
        new(async socket =>
        {
            var buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer) is var count && count > 0)
            {
                await Bytes.SendAllAsync(socket, buffer.AsMemory(0, count));
            }
        });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                connections.Add(RunAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
            catch (Exception) when (_stop.IsCancellationRequested) { }
        }
    }

    private async Task RunAsync(Socket socket)
    {
        Interlocked.Increment(ref _open);
        using (socket)
        {
            try
            {
                await _script(socket);
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The other side broke off, as some tests want it to.
            }
        }

        Interlocked.Decrement(ref _open);
    }
}
