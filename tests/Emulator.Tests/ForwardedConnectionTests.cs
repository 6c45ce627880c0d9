using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Smux;

namespace RdsTunnel.Emulator.Tests;

public sealed class ForwardedConnectionTests
{
    [Fact]
    public async Task Run_AgentEnds_TellsItsClientNoEndOfTheStream()
    {
        var (up, down) = (new Pipe(), new Pipe());
        await using var client = SmuxSession.StartClient(new Duplex(down.Reader, up.Writer), new SmuxOptions(), TimeProvider.System);
        await using var agent = SmuxSession.StartServer(new Duplex(up.Reader, down.Writer), SmuxOptions.Agent, TimeProvider.System);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint);
        using var database = await listener.AcceptSocketAsync();
        using var life = new CancellationTokenSource();
        var stream = client.OpenStream();
        var running = ForwardedConnection.RunAsync(await agent.AcceptStreamAsync(CancellationToken.None), socket, life.Token);

        await life.CancelAsync();
        await running;

        // What an agent sends now comes after all that it has said of the first stream.
        var other = client.OpenStream();
        await (await agent.AcceptStreamAsync(CancellationToken.None)).Output.WriteAsync("x"u8.ToArray());
        await other.Input.ReadAsync();
        Assert.False(stream.Input.TryRead(out _));
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
