using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

public sealed class DrainTests
{
    [Fact]
    public async Task Drain_TransferInProgress_GoesOnToItsEndWhileNobodyElseIsLetIn()
    {
        var (first, rest) = (Bytes.Random(300_000, seed: 1), Bytes.Random(300_000, seed: 2));
        var mayGoOn = new TaskCompletionSource();
        await using var server = new TargetServer(async socket =>
        {
            await Bytes.SendAllAsync(socket, first);
            await mayGoOn.Task;
            await Bytes.SendAllAsync(socket, rest);
        });
        await using var stack = await Stack.StartAsync();
        var tunnel = await stack.OpenAsync(server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        Assert.Equal(first, await Bytes.ReceiveAsync(client, first.Length));

        var draining = stack.Tunnels.DrainAsync();
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            // Until the port is released, which takes a moment.
            while (true)
            {
                (await Stack.ConnectAsync(tunnel.LocalPort)).Dispose();
            }
        });
        // Those that came in meanwhile were closed at once, which the tunnel learns a moment later.
        await stack.UntilAsync(_ => stack.Tunnels.Connections == 1);
        Assert.False(draining.IsCompleted);

        mayGoOn.SetResult();
        Assert.Equal((rest.Length, Bytes.Digest(rest)), await Bytes.DigestToEndAsync(client));
        await draining.WaitAsync(Hang.Limit);
        Assert.Equal(0, stack.Tunnels.Connections);
    }

    [Fact]
    public async Task Drain_TunnelsAreClosed_IsOver()
    {
        await using var server = TargetServer.Echo();
        Task draining;
        await using (var stack = await Stack.StartAsync())
        {
            var tunnel = await stack.OpenAsync(server.Port);
            using var client = await Stack.ConnectAsync(tunnel.LocalPort);
            await client.SendAsync("x"u8.ToArray());
            Assert.Equal("x"u8.ToArray(), await Bytes.ReceiveAsync(client, 1));
            draining = stack.Tunnels.DrainAsync();
            Assert.False(draining.IsCompleted);
        }

        await draining.WaitAsync(Hang.Limit);
    }

    [Fact]
    public async Task Address_OfANetwork_LetsInWhomItCannotTellAndSaysSo()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(access: new LocalAccess { Address = IPAddress.Any });
        var tunnel = await stack.OpenAsync(server.Port, openNow: false);
        var own = Array.Find(
            await Dns.GetHostAddressesAsync(Dns.GetHostName(), AddressFamily.InterNetwork),
            each => !IPAddress.IsLoopback(each)
        );
        foreach (var address in (IEnumerable<IPAddress>)[IPAddress.Loopback, .. own is null ? [] : new[] { own }])
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(address, tunnel.LocalPort);
            await client.SendAsync("x"u8.ToArray());
            Assert.Equal("x"u8.ToArray(), await Bytes.ReceiveAsync(client, 1));
        }

        Assert.Contains(
            stack.Log.Lines,
            line => line.Contains($"Every program that can reach 0.0.0.0:{tunnel.LocalPort}", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Address_OfANetwork_RefusesALoginWithoutALocalPassword()
    {
        await using var stack = await Stack.StartAsync(access: new LocalAccess { Address = IPAddress.Any });
        var failure = await Assert.ThrowsAsync<TunnelException>(() =>
            stack.Tunnels.OpenAsync(
                new TunnelRequest
                {
                    Target = Stack.Target,
                    Host = Stack.TargetHost,
                    Port = 5432,
                    Login = LoginKind.Iam,
                    User = "app",
                },
                CancellationToken.None
            )
        );
        Assert.Contains("localPassword", failure.Message, StringComparison.Ordinal);
        Assert.Empty(stack.Tunnels.List());
    }

    [UnsupportedOSPlatform("windows")]
    [UnixFact]
    public async Task SocketFile_WhereTheOperatorWantsIt_IsServedAndDrained()
    {
        var folder = Directory.CreateTempSubdirectory("rds-tunnel-socket-").FullName;
        var path = Path.Combine(folder, "orders", ".s.PGSQL.5432");
        await using var server = TargetServer.Echo();
        await using var stack = await Stack.StartAsync(
            access: new LocalAccess { SocketPathOf = request => Path.Combine(folder, request.Name!, ".s.PGSQL.5432") }
        );
        var tunnel = await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Name = "orders",
                Target = Stack.Target,
                Host = Stack.TargetHost,
                Port = server.Port,
                Socket = true,
            },
            CancellationToken.None
        );
        Assert.Equal(path, tunnel.SocketPath);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using (var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await client.SendAsync("x"u8.ToArray());
            Assert.Equal("x"u8.ToArray(), await Bytes.ReceiveAsync(client, 1));
        }

        await stack.Tunnels.DrainAsync().WaitAsync(Hang.Limit);
        Assert.False(File.Exists(path));
        Directory.Delete(folder, recursive: true);
    }
}
