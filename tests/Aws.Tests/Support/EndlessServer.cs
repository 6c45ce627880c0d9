using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>Begins an answer and never ends it, for as long as somebody takes it.</summary>
internal sealed class EndlessServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _header;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private long _takenBytes;
    private int _answers;

    public EndlessServer(string contentType)
    {
        _header = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\nConnection: close\r\n\r\n");
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Of all answers together; what waits between the two sockets counts.</summary>
    public long TakenBytes => Interlocked.Read(ref _takenBytes);

    public int Answers => Volatile.Read(ref _answers);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var chunk = new byte[64 * 1024];
        Array.Fill(chunk, (byte)' ');
        while (true)
        {
            using var socket = await _listener.AcceptSocketAsync(_stop.Token);
            Interlocked.Increment(ref _answers);
            try
            {
                await socket.ReceiveAsync(new byte[16 * 1024], _stop.Token);
                await socket.SendAsync(_header, _stop.Token);
                while (true)
                {
                    Interlocked.Add(ref _takenBytes, await socket.SendAsync(chunk, _stop.Token));
                }
            }
            catch (SocketException)
            {
                // It has been given up.
            }
        }
    }
}
