using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using RdsTunnel.DataChannels.Links;

namespace RdsTunnel.DataChannels.Tests.Support;

/// <summary>A gateway that speaks websocket frame by frame (RFC 6455), as odd ones do.</summary>
internal sealed class RawGateway : IAsyncDisposable
{
    public const byte Continuation = 0;
    public const byte Text = 1;
    public const byte Binary = 2;
    public const byte Ping = 9;
    public const byte Pong = 10;

    private const byte IsLast = 0x80;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private RawGateway(Socket socket, NetworkStream stream, IDataChannelLink link, string[] request) =>
        (_socket, _stream, Link, Request) = (socket, stream, link, request);

    /// <summary>The other end. Its message that opens the channel has been read.</summary>
    public IDataChannelLink Link { get; }

    public string[] Request { get; }

    public static async Task<RawGateway> AcceptAsync(IPAddress address)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        var connecting = new WebSocketConnector(new DataChannelOptions()).ConnectAsync(
            new DataChannelAccess(new Uri($"ws://{listener.LocalEndpoint}/v1/data-channel/jane-0a1b"), "token"),
            null,
            CancellationToken.None
        );
        var socket = await listener.AcceptSocketAsync();
        var stream = new NetworkStream(socket);
        var request = await ReadRequestAsync(stream);
        var key = request.Single(line => line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))[19..];
#pragma warning disable CA5350 // The protocol's own.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes($"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
            )
        );
        var gateway = new RawGateway(socket, stream, await connecting, request);
        Assert.Equal(Text, (await gateway.ReceiveAsync()).Opcode);
        return gateway;
    }

    /// <summary>A frame of less than 64 KiB.</summary>
    public async Task SendAsync(byte opcode, ReadOnlyMemory<byte> payload, bool isLast = true)
    {
        byte[] header =
            payload.Length < 126
                ? [(byte)(opcode | (isLast ? IsLast : 0)), (byte)payload.Length]
                : [(byte)(opcode | (isLast ? IsLast : 0)), 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        await _stream.WriteAsync(header);
        await _stream.WriteAsync(payload);
    }

    public async Task<(byte Opcode, byte[] Payload)> ReceiveAsync()
    {
        var header = await ReadAsync(2);
        var length = header[1] & 0x7f;
        if (length == 126)
        {
            var longer = await ReadAsync(2);
            length = (longer[0] << 8) | longer[1];
        }

        var mask = await ReadAsync(4);
        var payload = await ReadAsync(length);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= mask[i % 4];
        }

        return ((byte)(header[0] & 0x0f), payload);
    }

    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync();
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static async Task<string[]> ReadRequestAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            text.Append((char)one[0]);
        }

        return text.ToString().Split("\r\n");
    }
}
