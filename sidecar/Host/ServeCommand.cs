using Microsoft.Extensions.Logging;
using RdsTunnel.Agents;
using RdsTunnel.Agents.Editor;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Diagnosis;
using RdsTunnel.Discovery;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel serve --stdio</c>: what the editor starts for each window.</summary>
internal static class ServeCommand
{
    /// <summary>How long a client that reads slowly may take for the last bytes, once all is closed.</summary>
    private static readonly TimeSpan LastWriteTime = TimeSpan.FromMilliseconds(300);

    public static async Task<int> RunAsync(LogLevel level, TimeProvider time)
    {
        var (input, output) = StandardStreams.Take();
        var logLevel = new LogLevelSwitch(level);
        await using var stderr = new StderrLoggerProvider(StandardStreams.OpenError(), logLevel, time);
        using var notifications = new LogNotifications(logLevel, time);
        using var loggers = Loggers.Create(time, stderr, notifications);
        using var lifetime = new ProcessLifetime(time, loggers.CreateLogger<ProcessLifetime>());

        return await lifetime
            .RunAsync(async ending =>
            {
                using var window = new EditorWindow(new StdioTransport(input, output), lifetime, time, loggers);
                using var aws = new AwsServices(time, loggers, new MfaRequests(() => window.Someone, time));
                var finders = new Finders(aws, time, loggers);
                using var log = new AuditLog(StateFolder.Agents(Environment.GetEnvironmentVariable), time);
                await using (var tunnels = finders.CreateTunnels())
                {
                    var shared = window.Share(tunnels);
                    aws.CredentialsRenewed += shared.OnPersonHelped;
                    finders.Memory.Chosen += shared.OnPersonHelped;
                    var check = new TunnelCheck(aws, aws, finders.JumpHosts, time, loggers);
                    var reach = finders.CreateReach(shared);
                    // A person sees these tunnels, too, and can close them.
                    var agents = new AgentSide(aws, finders, shared, check, reach, log, allowsOpen: false, time, loggers);
                    var server = new SidecarServer(
                        shared,
                        new SignInMethods(aws.SignIn, aws.Profiles),
                        new DiscoveryMethods(finders.Databases, finders.JumpHosts, finders.Memory, aws, new IamTokens(aws, finders.Names)),
                        new CheckMethods(check),
                        new ProgramMethods(shared, reach),
                        new AgentMethods(new EditorAgents(agents.Tools)),
                        Program.Version,
                        logLevel,
                        window.WatchParent,
                        time,
                        loggers.CreateLogger<SidecarServer>()
                    );
                    notifications.SendTo(window.Connection);
                    var telling = lifetime.ObserveAsync(new TunnelNotifications(shared, window.Connection, time).RunAsync(ending));
                    var following = lifetime.ObserveAsync(agents.Tunnels.FollowAsync(ending));
                    var collecting = lifetime.ObserveAsync(
                        new IdleCollector(() => BytesCarried(tunnels), IdleCollector.CollectAll, time).RunAsync(ending)
                    );
                    try
                    {
                        await window.ServeAsync(server, shared).ConfigureAwait(false);
                        await Task.WhenAll(telling, following, collecting).ConfigureAwait(false);
                        await agents.Tunnels.EndAsync().ConfigureAwait(false);
                    }
                    finally
                    {
                        // Before the ports are released: other windows take them over.
                        await shared.StopAsync().ConfigureAwait(false);
                    }
                }

                await window
                    .Transport.Written.WaitAsync(LastWriteTime, time, CancellationToken.None)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            })
            .ConfigureAwait(false);
    }

    private static long BytesCarried(TunnelManager tunnels) =>
        tunnels.List().Sum(tunnel => tunnel.Statistics.BytesUp + tunnel.Statistics.BytesDown);
}
