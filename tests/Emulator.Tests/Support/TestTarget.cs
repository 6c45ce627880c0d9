using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Emulator.Tests.Support;

/// <summary>The server behind the recorded session: a connection starts with a letter and a 64-bit
/// number; E echoes what follows, D sends so many bytes.</summary>
internal sealed class TestTarget : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private int _connections;

    public TestTarget()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public int Connections => Volatile.Read(ref _connections);

    public static byte[] EchoPrefix { get; } = [(byte)'E', 0, 0, 0, 0, 0, 0, 0, 0];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        while (!_stopping.IsCancellationRequested)
        {
            var socket = await _listener.AcceptSocketAsync(_stopping.Token);
            Interlocked.Increment(ref _connections);
            connections.Add(ServeAsync(socket));
        }

        await Task.WhenAll(connections);
    }

    private async Task ServeAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        var prefix = new byte[EchoPrefix.Length];
        await stream.ReadExactlyAsync(prefix, _stopping.Token);
        if (prefix[0] == 'E')
        {
            await stream.CopyToAsync(stream, _stopping.Token);
            return;
        }

        var bytes = new byte[BinaryPrimitives.ReadInt64BigEndian(prefix.AsSpan(1))];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)i;
        }

        await stream.WriteAsync(bytes, _stopping.Token);
        await stream.CopyToAsync(Stream.Null, _stopping.Token);
    }
}
