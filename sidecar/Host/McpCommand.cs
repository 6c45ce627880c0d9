using Microsoft.Extensions.Logging;
using RdsTunnel.Agents;
using RdsTunnel.Agents.Protocol;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Diagnosis;
using RdsTunnel.Rpc;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel mcp</c>: what the client of an AI agent starts. Its tunnels are its own:
/// no window shares them, so each session's reason is the agent's, and closing one
/// never ends a person's connection.</summary>
internal static class McpCommand
{
    /// <summary>For the last answers, once all is closed.</summary>
    private static readonly TimeSpan LastWriteTime = TimeSpan.FromMilliseconds(300);

    public static async Task<int> RunAsync(bool allowsOpen, LogLevel level, TimeProvider time)
    {
        var (input, output) = StandardStreams.Take();
        await using var stderr = new StderrLoggerProvider(StandardStreams.OpenError(), new LogLevelSwitch(level), time);
        using var loggers = Loggers.Create(time, stderr);
        using var lifetime = new ProcessLifetime(time, loggers.CreateLogger<ProcessLifetime>());
        return await lifetime
            .RunAsync(async ending =>
            {
                var transport = new StdioTransport(input, output);
                using var aws = new AwsServices(time, loggers, new NobodyToAsk());
                var finders = new Finders(aws, time, loggers);
                using var log = new AuditLog(StateFolder.Agents(Environment.GetEnvironmentVariable), time);
                await using (var tunnels = finders.CreateTunnels())
                {
                    var check = new TunnelCheck(aws, aws, finders.JumpHosts, time, loggers);
                    var agents = new AgentSide(aws, finders, tunnels, check, finders.CreateReach(tunnels), log, allowsOpen, time, loggers);
                    var server = new AgentServer(agents.Tools, Program.Version, loggers);
                    await ServeAsync(server, transport, lifetime, ending).ConfigureAwait(false);
                    await agents.Tunnels.EndAsync().ConfigureAwait(false);
                }

                await transport.Output.CompleteAsync().ConfigureAwait(false);
                await transport
                    .Written.WaitAsync(LastWriteTime, time, CancellationToken.None)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            })
            .ConfigureAwait(false);
    }

    /// <summary>Until the client is gone, or the process is to end. What runs then is cancelled: a
    /// question that nobody can answer any more must not keep tunnels open.</summary>
    private static async Task ServeAsync(AgentServer server, StdioTransport transport, ProcessLifetime lifetime, CancellationToken ending)
    {
        var input = new EndingStream(transport.Input.AsStream());
        var serving = lifetime.ObserveAsync(server.RunAsync(input, transport.Output.AsStream(), ending));
        var first = await Task.WhenAny(serving, input.Ended, transport.OutputLost).ConfigureAwait(false);
        lifetime.End(first == transport.OutputLost ? "The client stopped reading" : "The client disconnected");
        await serving.ConfigureAwait(false);
    }
}
