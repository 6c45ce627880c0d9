using System.Collections.Concurrent;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.World;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>The agent is asked for what the user named, whatever form it has.</summary>
public sealed class TargetFormTests
{
    [Theory]
    [InlineData("orders.abc.eu-west-1.rds.amazonaws.com", 5432)]
    [InlineData("10.1.2.3", 1)]
    [InlineData("10.1.2.3", 65535)]
    [InlineData("fd00:ec2::12", 5432)]
    public async Task Connect_TargetOfAnyForm_IsDialledAsNamed(string host, int port)
    {
        var asked = new ConcurrentQueue<(string Host, int Port)>();
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions
            {
                Agent = new AgentOptions
                {
                    Unpaced = true,
                    Resolve = (askedHost, askedPort) =>
                    {
                        asked.Enqueue((askedHost, askedPort));
                        return ("127.0.0.1", server.Port);
                    },
                },
            }
        );
        var tunnel = await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = host,
                Port = port,
                OpenNow = true,
            },
            CancellationToken.None
        );

        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync("echo"u8.ToArray());

        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(client, 4));
        Assert.Contains((host, port), asked);
    }

    [Fact]
    public async Task Connect_JumpHostRunsWindows_WorksAsWithAnyOther()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(
            new EmulatorOptions
            {
                Instances =
                [
                    new EmulatedInstance(Stack.Target, PlatformName: "Microsoft Windows Server 2022 Datacenter")
                    {
                        PlatformType = "Windows",
                    },
                ],
                Agent = new AgentOptions { Unpaced = true, Resolve = (_, _) => ("127.0.0.1", server.Port) },
            }
        );
        var tunnel = await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = "orders.abc.eu-west-1.rds.amazonaws.com",
                Port = 5432,
                OpenNow = true,
            },
            CancellationToken.None
        );

        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync("echo"u8.ToArray());

        Assert.Equal("echo"u8.ToArray(), await Bytes.ReceiveAsync(client, 4));
    }
}
