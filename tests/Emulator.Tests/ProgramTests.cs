using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Tests.Support;

namespace RdsTunnel.Emulator.Tests;

public sealed class ProgramTests
{
    private static readonly TimeSpan Limit = Hang.Limit;

    [Fact]
    public async Task Program_PrintsOneReadyLine_ServesAndStopsWithItsInput()
    {
        using var program = Start("--agent-version", "3.0.1.0", "--resolve", "db.internal=127.0.0.1:1");
        var ready = (JsonObject)JsonNode.Parse((await program.StandardOutput.ReadLineAsync())!)!;
        var endpoint = new Uri(ready["endpoint"]!.GetValue<string>());
        using var aws = new AwsClient(endpoint, TimeProvider.System);
        using var http = new HttpClient { BaseAddress = endpoint };

        var (id, _, _) = await aws.StartSessionAsync(5432, "db.internal");
        var session = (await http.GetFromJsonAsync<JsonArray>("/_emulator/sessions"))!.Single()!;
        program.StandardInput.Close();
        await program.WaitForExitAsync().WaitAsync(Limit);

        Assert.Equal(program.Id, ready["pid"]!.GetValue<int>());
        Assert.Equal((id, "3.0.1.0"), (session["id"]!.GetValue<string>(), session["agentVersion"]!.GetValue<string>()));
        Assert.Equal(0, program.ExitCode);
        Assert.Equal("", await program.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task Program_UnknownOption_FailsWithUsage()
    {
        using var program = Start("--unknown");

        await program.WaitForExitAsync().WaitAsync(Limit);

        Assert.NotEqual(0, program.ExitCode);
        Assert.Contains("--unknown", await program.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AgentCommand_RunsForEachSession_AndItsEndIsTheSessions()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions
            {
                AgentCommand =
                    "test \"$RDS_TUNNEL_EMULATOR_HOST:$RDS_TUNNEL_EMULATOR_PORT\" = 10.0.0.1:15432 "
                    + "&& test \"$RDS_TUNNEL_EMULATOR_PROPERTIES\" = '{\"host\":\"db.internal\",\"localPortNumber\":\"25432\",\"portNumber\":\"5432\",\"type\":\"LocalPortForwarding\"}' "
                    + "&& test -n \"$RDS_TUNNEL_EMULATOR_SESSION_ID$RDS_TUNNEL_EMULATOR_ENDPOINT$AWS_SECRET_ACCESS_KEY\" && exit 0; exit 7",
                Agent = new AgentOptions { Resolve = (_, port) => ("10.0.0.1", port + 10_000) },
            }
        );
        var (id, _, _) = await emulator.Aws.StartSessionAsync(5432, "db.internal");

        var end = await emulator.Session(id).Ended.WaitAsync(Limit);

        Assert.Equal((SessionEndReason.AgentFinished, ""), (end.Reason, end.Output));
    }

    [Fact]
    public async Task AgentCommand_ThatStaysOn_IsKilledAfterTheSession()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var pidFile = Path.GetTempFileName();
        await using (
            var emulator = await EmulatorFixture.StartAsync(
                new EmulatorOptions { AgentCommand = $"echo $$ > '{pidFile}'; sleep 600 & wait" }
            )
        )
        {
            await emulator.Aws.StartSessionAsync(5432);
            await Eventually.TrueAsync(() => new FileInfo(pidFile).Length > 0);
        }

        var pid = int.Parse(await File.ReadAllTextAsync(pidFile), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
        File.Delete(pidFile);
    }

    private static Process Start(params string[] args)
    {
        var info = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "rds-tunnel-emulator.dll"));
        foreach (var arg in args)
        {
            info.ArgumentList.Add(arg);
        }

        return Process.Start(info)!;
    }
}
