using System.Net.Sockets;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A client that waits for a session may give up: it takes no place then, and no database is dialled for it.</summary>
public sealed class WaitingClientTests
{
    [Fact]
    public async Task Wait_ClientsGiveUp_AreForgottenAndNotDialledWhileOthersAreServed()
    {
        var dialled = 0;
        await using var server = new TargetServer(async socket =>
        {
            Interlocked.Increment(ref dialled);
            await Bytes.SendAllAsync(socket, await Bytes.ReceiveAsync(socket, 1));
        });
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        stack.Session.Faults.RefuseResume(times: int.MaxValue);
        stack.Session.Faults.CutClient();
        await stack.WhenAsync(info => info.State == TunnelState.Reconnecting);

        using var waits = await Stack.ConnectAsync(tunnel.LocalPort);
        await waits.SendAsync("w"u8.ToArray());
        using var waitsForAnAnswerOnly = await Stack.ConnectAsync(tunnel.LocalPort);
        await waitsForAnAnswerOnly.SendAsync("h"u8.ToArray());
        waitsForAnAnswerOnly.Shutdown(SocketShutdown.Send);
        var givesUp = new List<Socket>();
        for (var i = 0; i < 30; i++)
        {
            var client = await Stack.ConnectAsync(tunnel.LocalPort);
            givesUp.Add(client);
            // Where the system does not tell who has a connection open, an end behind bytes cannot be seen.
            if (i % 3 == 1 && OperatingSystem.IsLinux())
            {
                await client.SendAsync("g"u8.ToArray());
            }
            else if (i % 3 == 2)
            {
                client.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }

        await stack.UntilAsync(info => info.Statistics.ConnectionsNow == 32);
        givesUp.ForEach(client => client.Dispose());
        await stack.UntilAsync(info => info.Statistics.ConnectionsNow == 2);
        stack.Session.Faults.RefuseResume(times: 0);

        Assert.Equal("w"u8.ToArray(), await Bytes.ReceiveAsync(waits, 1));
        Assert.Equal("h"u8.ToArray(), await Bytes.ReceiveAsync(waitsForAnAnswerOnly, 1));
        Assert.Equal(2, Volatile.Read(ref dialled));
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
    }

    [Fact]
    public async Task Wait_AllPlacesWereOfClientsThatGaveUp_TheNextOneIsServed()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        stack.Session.Faults.RefuseResume(times: int.MaxValue);
        stack.Session.Faults.CutClient();
        await stack.WhenAsync(info => info.State == TunnelState.Reconnecting);

        for (var round = 0; round < 4; round++)
        {
            var givesUp = new List<Socket>();
            for (var i = 0; i < 400; i++)
            {
                givesUp.Add(await Stack.ConnectAsync(tunnel.LocalPort));
            }

            await stack.UntilAsync(info => info.Statistics.ConnectionsNow == 400);
            givesUp.ForEach(client => client.Dispose());
            await stack.UntilAsync(info => info.Statistics.ConnectionsNow == 0);
        }

        using var next = await Stack.ConnectAsync(tunnel.LocalPort);
        stack.Session.Faults.RefuseResume(times: 0);
        await next.SendAsync("next"u8.ToArray());
        Assert.Equal("next"u8.ToArray(), await Bytes.ReceiveAsync(next, 4));
    }
}
