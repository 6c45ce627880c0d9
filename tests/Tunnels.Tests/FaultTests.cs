using System.Net.Sockets;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Faults;
using RdsTunnel.Tunnels.Tests.Support;
using Xunit.Abstractions;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>Whatever the way does to messages, every byte arrives in order, or the connection is reset.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static TheoryData<string, LinkFaults> Faults =>
        new()
        {
            {
                "loss",
                new LinkFaults { Drop = 0.01 }
            },
            {
                "duplication",
                new LinkFaults { Duplicate = 0.05 }
            },
            {
                "reordering",
                new LinkFaults { Reorder = 0.05 }
            },
            {
                "delay",
                new LinkFaults { Delay = 0.02, DelayTime = TimeSpan.FromMilliseconds(30) }
            },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Upload_OverAFaultyLink_ArrivesWhole(string name, LinkFaults faults)
    {
        output.WriteLine(name);
        await ExchangeAsync(
            uploadBytes: 3_000_000,
            downloadBytes: 0,
            stack =>
            {
                stack.Session.Faults.SetClientToNode(faults with { Seed = 1, IncludeAcknowledgements = true });
                stack.Session.Faults.SetNodeToClient(faults with { Seed = 2, IncludeAcknowledgements = true });
            }
        );
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Download_OverAFaultyLink_ArrivesWhole(string name, LinkFaults faults)
    {
        output.WriteLine(name);
        // The agent resends one message each 100 ms: 1 % of 600 messages is a second of that.
        await ExchangeAsync(
            uploadBytes: 0,
            downloadBytes: 600_000,
            stack =>
            {
                stack.Session.Faults.SetClientToNode(faults with { Seed = 3, IncludeAcknowledgements = true });
                stack.Session.Faults.SetNodeToClient(faults with { Seed = 4, IncludeAcknowledgements = true });
            }
        );
    }

    [Fact]
    public async Task Download_SocketCutFiftyTimes_ArrivesWhole()
    {
        var tunnel = await ExchangeAsync(
            uploadBytes: 0,
            downloadBytes: 2_000_000,
            stack => stack.Session.Faults.CutClientAfter(60, times: 50)
        );

        Assert.Equal(50, tunnel.Statistics.Resumes);
        Assert.Equal(1, tunnel.Statistics.SessionsTotal);
    }

    [Fact]
    public async Task Upload_SocketCutFiftyTimes_ArrivesWhole()
    {
        var tunnel = await ExchangeAsync(
            uploadBytes: 8_000_000,
            downloadBytes: 0,
            stack => stack.Session.Faults.CutClientAfter(300, times: 50)
        );

        Assert.InRange(tunnel.Statistics.Resumes, 20, 50);
        Assert.Equal(1, tunnel.Statistics.SessionsTotal);
    }

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 6));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task BothWays_RandomMixtureOfFaults_ArrivesWhole(int seed)
    {
        var random = new Random(seed);
        output.WriteLine($"seed {seed}");
        var faults = new LinkFaults
        {
            Seed = seed,
            IncludeAcknowledgements = true,
            Drop = random.NextDouble() * 0.01,
            Duplicate = random.NextDouble() * 0.05,
            Reorder = random.NextDouble() * 0.05,
            Delay = random.NextDouble() * 0.02,
            DelayTime = TimeSpan.FromMilliseconds(random.Next(1, 50)),
        };
        await ExchangeAsync(
            uploadBytes: 1_000_000,
            downloadBytes: 100_000,
            stack =>
            {
                stack.Session.Faults.SetClientToNode(faults);
                stack.Session.Faults.SetNodeToClient(faults with { Seed = seed + 1000 });
                stack.Session.Faults.CutClientAfter(random.Next(100, 400), times: random.Next(1, 6));
                stack.Session.Faults.RefuseResume(times: random.Next(0, 3));
                stack.Session.Faults.RefuseUpgrade(times: random.Next(0, 2));
            }
        );
    }

    [Fact]
    public async Task Session_EndedByTheService_ResetsItsConnectionsAndTheNextOneGetsANewSession()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var old = await Stack.ConnectAsync(tunnel.LocalPort);
        await old.SendAsync(new byte[1]);
        await Bytes.ReceiveAsync(old, 1);

        stack.Session.Faults.EndSession("maintenance");

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(old, 1));
        using var next = await Stack.ConnectAsync(tunnel.LocalPort);
        await next.SendAsync("again"u8.ToArray());
        Assert.Equal("again"u8.ToArray(), await Bytes.ReceiveAsync(next, 5));
        Assert.Equal(2, stack.Tunnel.Statistics.SessionsTotal);
        Assert.Equal(TunnelErrorCode.SessionEnded, stack.Tunnel.LastReset?.Code);
        Assert.Contains("AWS ended the session. The log has the reason.", stack.Tunnel.LastReset?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("maintenance", stack.Tunnel.LastReset?.Message, StringComparison.Ordinal);
        Assert.Contains(stack.Log.Lines, line => line.Contains("maintenance", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Resume_SessionOverInTheMeantime_ResetsTheConnection()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await client.SendAsync(new byte[1]);
        await Bytes.ReceiveAsync(client, 1);

        stack.Session.Faults.RefuseResume(times: 1);
        stack.Session.Faults.CutClient();
        stack.Session.Faults.EndSession();

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(client, 1));
        await stack.WhenAsync(info => info.State == TunnelState.Listening);
    }

    private async Task<TunnelInfo> ExchangeAsync(int uploadBytes, int downloadBytes, Action<Stack> inject)
    {
        var upload = Bytes.Random(uploadBytes, seed: 5);
        var download = Bytes.Random(downloadBytes, seed: 6);
        var uploaded = new TaskCompletionSource<string>();
        await using var server = new TargetServer(async socket =>
        {
            var sending = Bytes.SendAllAsync(socket, download);
            uploaded.SetResult(Bytes.Digest(await Bytes.ReceiveAsync(socket, uploadBytes)));
            await sending;
        });
        await using var stack = await Stack.StartAsync(new EmulatorOptions { Agent = new AgentOptions() });
        var tunnel = await stack.OpenAsync(server.Port, maxSessions: 1);
        inject(stack);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);

        var sending = Bytes.SendAllAsync(client, upload);
        (long, string) downloaded;
        try
        {
            downloaded = await Bytes.DigestToEndAsync(client).WaitAsync(Patience);
            await sending.WaitAsync(Patience);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(string.Join('\n', stack.Log.Lines), e);
        }

        Assert.Equal((downloadBytes, Bytes.Digest(download)), downloaded);
        Assert.Equal(Bytes.Digest(upload), await uploaded.Task.WaitAsync(Patience));
        output.WriteLine(stack.Tunnel.Statistics.ToString());
        return stack.Tunnel;
    }
}
