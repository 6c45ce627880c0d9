using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Diagnosis;
using RdsTunnel.Discovery;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel serve --stdio</c>: what the editor starts.</summary>
internal static class ServeCommand
{
    /// <summary>How long a client that reads slowly may take for the last bytes, once all is closed.</summary>
    private static readonly TimeSpan LastWriteTime = TimeSpan.FromMilliseconds(300);

    public static async Task<int> RunAsync(LogLevel level, TimeProvider time)
    {
        var (input, output) = StandardStreams.TakeForRpc();
        var logLevel = new LogLevelSwitch(level);
        await using var stderr = new StderrLoggerProvider(StandardStreams.OpenError(), logLevel, time);
        using var notifications = new LogNotifications(logLevel, time);
        using var loggers = Loggers.Create(time, stderr, notifications);
        using var lifetime = new ProcessLifetime(time, loggers.CreateLogger<ProcessLifetime>());

        return await lifetime.RunAsync(async ending =>
        {
            var transport = new StdioTransport(input, output);
            var connection = new JsonRpcConnection(transport, time, loggers.CreateLogger<JsonRpcConnection>());
            using var aws = new AwsServices(time, loggers, new MfaRequests(connection, time));
            var finders = new Finders(aws, time, loggers);
            await using (var tunnels = new TunnelManager(aws, finders.Targets, finders.Writers, time, loggers))
            {
                var server = new SidecarServer(
                    tunnels, new SignInMethods(aws.SignIn, aws.Profiles),
                    new DiscoveryMethods(finders.Databases, finders.JumpHosts, finders.Memory, aws, new IamTokens(aws, finders.Names)),
                    new CheckMethods(new TunnelCheck(aws, aws, finders.JumpHosts, time, loggers)),
                    Program.Version, logLevel, lifetime.WatchParent, time, loggers.CreateLogger<SidecarServer>());
                notifications.SendTo(connection);
                var telling = lifetime.ObserveAsync(new TunnelNotifications(tunnels, connection, time).RunAsync(ending));
                var collecting = lifetime.ObserveAsync(new IdleCollector(() => BytesCarried(tunnels), IdleCollector.CollectAll, time).RunAsync(ending));
                var serving = connection.RunAsync(server, ending);
                if (await Task.WhenAny(serving, transport.OutputLost).ConfigureAwait(false) != serving)
                {
                    lifetime.End("The client reads no more");
                }

                var end = await serving.ConfigureAwait(false);
                lifetime.End($"The client is gone ({end})", end == ConnectionEnd.BrokenFraming ? ExitCode.Failed : ExitCode.Ended);
                await Task.WhenAll(telling, collecting).ConfigureAwait(false);
            }

            await transport.Written.WaitAsync(LastWriteTime, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }).ConfigureAwait(false);
    }

    private static long BytesCarried(TunnelManager tunnels) =>
        tunnels.List().Sum(tunnel => tunnel.Statistics.BytesUp + tunnel.Statistics.BytesDown);
}
