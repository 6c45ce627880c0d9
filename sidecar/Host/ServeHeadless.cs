using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Diagnosis;
using RdsTunnel.Programs;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel serve --config …</c>: the tunnels of a file, for servers and containers, until a signal.</summary>
internal sealed partial class ServeHeadless(ServeOptions options, TimeProvider time)
{
    /// <summary>A database that starts answers late.</summary>
    private static readonly TimeSpan TestPatience = TimeSpan.FromSeconds(10);

    public async Task<int> RunAsync()
    {
        await using var stderr = new StderrLoggerProvider(
            StandardStreams.OpenError(),
            new LogLevelSwitch(options.Level),
            time,
            options.StructuredLogs ? new JsonLog() : null
        );
        using var loggers = Loggers.Create(time, stderr);
        var logger = loggers.CreateLogger<ServeHeadless>();
        using var lifetime = new ProcessLifetime(time, loggers.CreateLogger<ProcessLifetime>());
        IReadOnlyList<ServedTunnel> served;
        try
        {
            served = ReadFile();
        }
        catch (TeamFileException e)
        {
            LogNotStarted(logger, e.Message);
            return ExitCode.Usage;
        }

        if (ServeAddress.ProblemOf(options.Address, options.AllowNetwork) is { } problem)
        {
            LogNotStarted(logger, problem);
            return ExitCode.Usage;
        }

        return await lifetime
            .RunAsync(async ending =>
            {
                using var aws = new AwsServices(time, loggers, new NobodyToAsk());
                ServeDrain drain;
                await using (var tunnels = new Finders(aws, time, loggers).CreateTunnels(Access()))
                {
                    drain = new(
                        tunnels,
                        options.MinSigtermDelay,
                        options.MaxSigtermDelay,
                        lifetime,
                        time,
                        loggers.CreateLogger<ServeDrain>()
                    );
                    try
                    {
                        await RunAsync(aws, tunnels, served, drain, lifetime, loggers, ending).ConfigureAwait(false);
                    }
                    catch (Exception e) when (e is ServeException or TunnelException)
                    {
                        LogNotStarted(logger, e is TunnelException { Code: var code } ? $"{e.Message} ({code})" : e.Message);
                        lifetime.End("The tunnels could not be opened", ExitCode.NotOpened);
                    }
                }

                await drain.Drained.ConfigureAwait(false);
            })
            .ConfigureAwait(false);
    }

    private async Task RunAsync(
        AwsServices aws,
        TunnelManager tunnels,
        IReadOnlyList<ServedTunnel> served,
        ServeDrain drain,
        ProcessLifetime lifetime,
        ILoggerFactory loggers,
        CancellationToken ending
    )
    {
        var health = new ServeHealth(tunnels);
        var notify = new ServeNotify(Environment.GetEnvironmentVariable, loggers.CreateLogger<ServeNotify>());
        var keeper = new ServeKeeper(tunnels, time, loggers.CreateLogger<ServeKeeper>());
        aws.CredentialsRenewed += keeper.OnHelped;
        drain.Begun += () =>
        {
            health.OnDraining();
            notify.Stopping("Draining");
        };
        // Ends before the tunnels do: their last numbers are sent.
        using var telemetry = new ServeTelemetry(options.Prometheus, Environment.GetEnvironmentVariable, loggers);
        await using var listeners = new ServeListeners(options, health, telemetry, drain.Begin, time, loggers);
        var signals = 0;
        lifetime.HandOn = signal =>
        {
            // Some send two for one reason, a terminal and a supervisor, say: sessions are ended all the same.
            if (Interlocked.Increment(ref signals) > 2)
            {
                return false; // enough is enough
            }

            drain.Begin($"Received {signal}");
            return true;
        };
        var draining = lifetime.ObserveAsync(drain.RunAsync(ending));
        var opened = new List<TunnelInfo>();
        foreach (var (request, _) in served)
        {
            opened.Add(await OpenAsync(tunnels, request, ending).ConfigureAwait(false));
        }

        var keeping = lifetime.ObserveAsync(keeper.RunAsync(opened, ending));
        var collecting = lifetime.ObserveAsync(
            new IdleCollector(() => BytesCarried(tunnels), IdleCollector.CollectAll, time).RunAsync(ending)
        );
        if (options.RunConnectionTest)
        {
            await Task.WhenAll(served.Select(each => TestAsync(tunnels, each.Request, each.Database, ending))).ConfigureAwait(false);
        }

        health.OnStarted();
        notify.Ready($"{opened.Count} tunnels");
        LogStarted(loggers.CreateLogger<ServeHeadless>(), opened.Count, options.Config);
        await Task.WhenAll(keeping, collecting, draining).ConfigureAwait(false);
    }

    private IReadOnlyList<ServedTunnel> ReadFile() =>
        ServeFile.Read(
            options.Config,
            options.Names,
            options.Port,
            options.UnixSocket,
            () => options.LocalPassword.Find(Environment.GetEnvironmentVariable, canBeMade: false)
        );

    private LocalAccess Access() =>
        LocalAccesses.In(Environment.GetEnvironmentVariable) with
        {
            Address = options.Address,
            SocketPathOf = options.UnixSocket is { } folder ? request => SocketPath(folder, request) : null,
        };

    // As cloud-sql-proxy has them: PostgreSQL's tools take a folder, and look in it for the socket of a port.
    private static string SocketPath(string folder, TunnelRequest request) =>
        DatabaseKinds.Of(request.Host, request.Port) == DatabaseKind.Postgres
            ? Path.Combine(folder, request.Name!, ".s.PGSQL.5432")
            : Path.Combine(folder, request.Name!);

    private static async Task<TunnelInfo> OpenAsync(TunnelManager tunnels, TunnelRequest request, CancellationToken ending)
    {
        try
        {
            return await tunnels.OpenAsync(request, ending).ConfigureAwait(false);
        }
        catch (TunnelException e)
        {
            throw new TunnelException(e.Code, $"{NameOf(request)}: {e.Message}", e);
        }
    }

    /// <summary>Through a tunnel of its own, which needs no local password.</summary>
    private async Task TestAsync(TunnelManager tunnels, TunnelRequest request, string? database, CancellationToken ending)
    {
        try
        {
            var own = await tunnels
                .OpenAsync(
                    request with
                    {
                        IsOwn = true,
                        LocalPort = 0,
                        Socket = false,
                        LocalTls = false,
                        OpenNow = true,
                        LocalPassword = false,
                        LocalPasswordText = null,
                    },
                    ending
                )
                .ConfigureAwait(false);
            await new DatabaseAnswer(tunnels, DatabaseKinds.Of(request.Host, request.Port).UsualPort(), time)
                .WaitAsync(own, database, TestPatience, ending)
                .ConfigureAwait(false);
            await tunnels.CloseAsync(own.Id, ending).ConfigureAwait(false);
        }
        catch (TunnelException e)
        {
            throw new TunnelException(e.Code, $"The connection test of {NameOf(request)} failed: {e.Message}", e);
        }
    }

    private static string NameOf(TunnelRequest request) => request.Name ?? $"{request.Host ?? request.Target}:{request.Port}";

    private static long BytesCarried(TunnelManager tunnels) =>
        tunnels.List().Sum(tunnel => tunnel.Statistics.BytesUp + tunnel.Statistics.BytesDown);

    [LoggerMessage(740, LogLevel.Error, "Couldn't start: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string reason);

    [LoggerMessage(741, LogLevel.Information, "All {Tunnels} tunnels of {File} listen")]
    private static partial void LogStarted(ILogger logger, int tunnels, string file);
}
