using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Tunnels.Tests.Support;

/// <summary>The whole way, in one process: tunnels, the AWS client, and a local AWS whose agents
/// dial <see cref="TargetServer"/>s.</summary>
internal sealed class Stack : IAsyncDisposable
{
    public const string Target = "i-0123456789abcdef0";

    /// <summary>Which agents find on this machine.</summary>
    public const string TargetHost = "target.internal";

    private readonly AwsServices _services;
    private readonly ILoggerFactory _loggers;
    private readonly Channel<TunnelInfo> _changes = Channel.CreateUnbounded<TunnelInfo>();

    private Stack(EmulatorServer emulator, AwsServices services, TunnelManager tunnels, ILoggerFactory loggers, CollectedLog log)
    {
        Emulator = emulator;
        _services = services;
        _loggers = loggers;
        Tunnels = tunnels;
        Log = log;
        Tunnels.StateChanged += info => _changes.Writer.TryWrite(info);
    }

    public EmulatorServer Emulator { get; }

    public TunnelManager Tunnels { get; }

    /// <summary>AWS as this identity calls it.</summary>
    public ISessionService Service => _services.For(new AwsScope());

    /// <summary>The tunnels of another process with the same identity.</summary>
    public TunnelManager OtherProcess() => new(_services, new FakeTargets(), writers: null, TimeProvider.System, _loggers);

    public ISignIn SignIn => _services.SignIn;

    public CollectedLog Log { get; }

    /// <summary>The session that was started last.</summary>
    public EmulatedSession Session => Emulator.Sessions[^1];

    public static async Task<Stack> StartAsync(
        EmulatorOptions? options = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        TimeProvider? tunnelTime = null,
        TimeProvider? emulatorTime = null,
        FakeTargets? targets = null,
        IWriters? writers = null,
        ILogins? logins = null,
        LocalAccess? access = null
    )
    {
        var log = new CollectedLog();
        var loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        options ??= new EmulatorOptions { Agent = new AgentOptions { Unpaced = true } };
        var resolve = options.Agent.Resolve;
        options = options with
        {
            Agent = options.Agent with
            {
                Resolve = (host, port) => resolve(host, port) is var found && found == (TargetHost, port) ? ("127.0.0.1", port) : found,
            },
        };
        var emulator = await EmulatorServer.StartAsync(options, emulatorTime ?? TimeProvider.System, loggers);
        var variables = new Dictionary<string, string?>
        {
            ["AWS_ACCESS_KEY_ID"] = EmulatedCredential.Default.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = EmulatedCredential.Default.SecretAccessKey,
            ["AWS_REGION"] = "eu-central-1",
            ["AWS_ENDPOINT_URL"] = emulator.Endpoint.ToString(),
            ["AWS_CONFIG_FILE"] = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()),
            ["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            variables[name] = value;
        }

        var services = new AwsServices(TimeProvider.System, loggers, new FakeMfaCodes(), variables.GetValueOrDefault);
        return new Stack(
            emulator,
            services,
            new TunnelManager(services, targets ?? new FakeTargets(), writers, tunnelTime ?? TimeProvider.System, loggers, logins, access),
            loggers,
            log
        );
    }

    public Task<TunnelInfo> OpenAsync(int targetPort, bool openNow = true, int maxSessions = 4, int localPort = 0) =>
        Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Target,
                Host = TargetHost,
                Port = targetPort,
                OpenNow = openNow,
                MaxSessions = maxSessions,
                LocalPort = localPort,
            },
            CancellationToken.None
        );

    public TunnelInfo Tunnel => Tunnels.List().Single();

    public async Task<TunnelInfo> WhenAsync(Func<TunnelInfo, bool> condition)
    {
        using var timeout = new CancellationTokenSource(Hang.Limit, TimeProvider.System);
        var seen = new List<string>();
        try
        {
            await foreach (var info in _changes.Reader.ReadAllAsync(timeout.Token))
            {
                if (condition(info))
                {
                    return info;
                }

                seen.Add($"{info.State} {info.Fault?.Message}");
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        throw new InvalidOperationException($"It never came to that, but to this:\n{string.Join('\n', seen)}");
    }

    /// <summary>Waits until the only tunnel is as wanted.</summary>
    public async Task UntilAsync(Func<TunnelInfo, bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition(Tunnel))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Hang.Limit, $"It never came to that: {Tunnel}");
            await Task.Yield();
        }
    }

    public static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await Tunnels.DisposeAsync();
        Assert.All(Emulator.Sessions, session => Assert.NotNull(session.EndedWith));
        _services.Dispose();
        await Emulator.DisposeAsync();
        _loggers.Dispose();
    }
}

internal sealed class CollectedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IEnumerable<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

    public void Dispose() { }
}
