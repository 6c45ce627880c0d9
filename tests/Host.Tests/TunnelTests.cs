using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace RdsTunnel.Host.Tests;

/// <summary>The real program with real tunnels, as far as they go without a service: the port.</summary>
public sealed class TunnelTests
{
    [UnixTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData(null)]
    public async Task Serve_Ended_ReleasesItsPorts(string? signal)
    {
        using var sidecar = SidecarProcess.Serve();
        await sidecar.InitializeAsync();
        var ports = new List<int>();
        for (var id = 1; id <= 10; id++)
        {
            var answer = await sidecar.CallAsync(id, "tunnel/open", """{"target":"i-1","host":"db","port":5432,"region":"eu-central-1"}""");
            ports.Add((int)answer["result"]!["localPort"]!);
        }

        Assert.All(ports, port => Assert.True(IsBound(port)));
        if (signal is null)
        {
            sidecar.Input.Close();
        }
        else
        {
            await sidecar.SignalAsync(signal);
        }

        Assert.Equal(0, await sidecar.EndAsync());
        Assert.All(ports, port => Assert.False(IsBound(port)));
    }

    [Fact]
    public async Task Serve_Shutdown_ReleasesItsPortsBeforeItAnswers()
    {
        using var sidecar = SidecarProcess.Serve();
        await sidecar.InitializeAsync();
        var answer = await sidecar.CallAsync(1, "tunnel/open", """{"target":"i-1","host":"db","port":5432,"region":"eu-central-1"}""");
        var port = (int)answer["result"]!["localPort"]!;
        Assert.True(IsBound(port));
        Assert.Null((await sidecar.CallAsync(2, "shutdown"))["error"]);
        Assert.False(IsBound(port));
    }

    [UnixFact]
    public async Task Open_UntilInterrupted_TellsItsPortAndEnds()
    {
        using var sidecar = new SidecarProcess("open", "--target", "i-1", "--host", "db", "--port", "5432", "--region", "eu-central-1");
        string? line;
        do
        {
            line = await sidecar.ReadLineAsync();
        } while (line is not null && !line.StartsWith("Listening on ", StringComparison.Ordinal));
        Assert.Matches(@"^Listening on 127\.0\.0\.1:\d+ → db:5432 via i-1", line);
        Assert.True(IsBound(int.Parse(line!.Split(':')[1].Split(' ')[0], CultureInfo.InvariantCulture)));
        await sidecar.SignalAsync("INT");
        Assert.Equal(0, await sidecar.ExitAsync());
        Assert.Equal("", await sidecar.Error);
    }

    [Fact]
    public async Task Open_PortInUse_NamesItAndExits3()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var sidecar = new SidecarProcess(
            "open",
            "--target",
            "i-1",
            "--host",
            "db",
            "--port",
            "5432",
            "--region",
            "eu-central-1",
            "--local-port",
            $"{port}"
        );
        Assert.Equal(3, await sidecar.ExitAsync());
        var error = await sidecar.Error;
        Assert.Contains($"{port}", error, StringComparison.Ordinal);
        Assert.Contains("LocalPortInUse", error, StringComparison.Ordinal);
    }

    // Looked up, not connected to: a connection would open a session.
    private static bool IsBound(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Contains(new IPEndPoint(IPAddress.Loopback, port));
}
