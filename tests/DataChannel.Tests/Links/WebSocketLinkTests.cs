using System.Net;
using System.Net.Sockets;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Tests.Support;

namespace RdsTunnel.DataChannels.Tests.Links;

/// <summary>A gateway may cut its messages into frames as it likes.</summary>
public sealed class WebSocketLinkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1023)]
    [InlineData(5000)]
    public async Task Receive_MessageInFramesWithPingsBetween_IsWhole(int frameBytes)
    {
        await using var gateway = await RawGateway.AcceptAsync(IPAddress.Loopback);
        var message = new byte[9000];
        new Random(7).NextBytes(message);
        var receiving = gateway.Link.ReceiveAsync(CancellationToken.None);

        await gateway.SendAsync(RawGateway.Binary, default, isLast: false);
        for (var at = 0; at < message.Length; at += frameBytes)
        {
            await gateway.SendAsync(
                RawGateway.Continuation,
                message.AsMemory(at, Math.Min(frameBytes, message.Length - at)),
                isLast: false
            );
            if (at / frameBytes % 50 == 0)
            {
                await gateway.SendAsync(RawGateway.Ping, default);
                Assert.Equal(RawGateway.Pong, (await gateway.ReceiveAsync()).Opcode);
            }
        }

        await gateway.SendAsync(RawGateway.Continuation, default);
        Assert.Equal(message, (await receiving).ToArray());
    }

    [Fact]
    public async Task Receive_TextAndPingsOnly_AnswersThePingsAndWaitsForAMessage()
    {
        await using var gateway = await RawGateway.AcceptAsync(IPAddress.Loopback);
        var receiving = gateway.Link.ReceiveAsync(CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            await gateway.SendAsync(RawGateway.Ping, new[] { (byte)i });
            var (opcode, payload) = await gateway.ReceiveAsync();
            Assert.Equal(RawGateway.Pong, opcode);
            Assert.Equal([(byte)i], payload);
            await gateway.SendAsync(RawGateway.Text, "hello"u8.ToArray());
        }

        await gateway.SendAsync(RawGateway.Binary, "message"u8.ToArray());
        Assert.Equal("message"u8.ToArray(), (await receiving).ToArray());
    }

    [Fact]
    public async Task Receive_FramesWithoutAnEnd_FailsWithinItsBound()
    {
        await using var gateway = await RawGateway.AcceptAsync(IPAddress.Loopback);
        var receiving = gateway.Link.ReceiveAsync(CancellationToken.None).AsTask();
        await gateway.SendAsync(RawGateway.Binary, new byte[32 * 1024], isLast: false);
        for (var i = 0; i < 4; i++)
        {
            await gateway.SendAsync(RawGateway.Continuation, new byte[32 * 1024], isLast: false);
        }

        Assert.Contains("more than", (await Assert.ThrowsAsync<LinkException>(() => receiving)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_GatewayHasAnIPv6AddressOnly_Works()
    {
        // There it cannot be reached, and that is what is said.
        if (!HasIPv6())
        {
            var connecting = new WebSocketConnector(new DataChannelOptions()).ConnectAsync(
                new DataChannelAccess(new Uri("ws://[::1]:9/x"), "token"),
                null,
                CancellationToken.None
            );
            Assert.Equal(LinkFault.Unreachable, (await Assert.ThrowsAsync<LinkException>(() => connecting)).Fault);
            return;
        }

        await using var gateway = await RawGateway.AcceptAsync(IPAddress.IPv6Loopback);
        Assert.Contains(gateway.Request, line => line.StartsWith("Host: [::1]:", StringComparison.Ordinal));

        await gateway.Link.SendAsync("up"u8.ToArray(), CancellationToken.None);
        Assert.Equal("up"u8.ToArray(), (await gateway.ReceiveAsync()).Payload);
        await gateway.SendAsync(RawGateway.Binary, "down"u8.ToArray());
        Assert.Equal("down"u8.ToArray(), (await gateway.Link.ReceiveAsync(CancellationToken.None)).ToArray());
    }

    /// <summary>Containers without IPv6 have no ::1 to listen on.</summary>
    private static bool HasIPv6()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
