using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Discovery;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Discovery.Names;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Diagnosis.Tests;

/// <summary>A local AWS with one database and one jump host, and the check that looks at them.</summary>
internal sealed class Chain : IAsyncDisposable
{
    public const string Host = "orders.abc.eu-west-1.rds.amazonaws.com";
    private const string Region = "eu-west-1";

    private readonly AwsServices _services;

    private Chain(EmulatorServer emulator, string secret, string? config)
    {
        Emulator = emulator;
        var environment = new Dictionary<string, string?>
        {
            ["HOME"] = "/nonexistent",
            ["AWS_ACCESS_KEY_ID"] = EmulatedCredential.Default.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = secret,
            ["AWS_REGION"] = Region,
            ["AWS_ENDPOINT_URL"] = emulator.Endpoint.AbsoluteUri,
            ["AWS_CONFIG_FILE"] = config,
        };
        _services = new AwsServices(TimeProvider.System, NullLoggerFactory.Instance, MfaCodes, environment.GetValueOrDefault);
        var memory = new JumpHostMemory(_services, file: null, TimeProvider.System, NullLogger<JumpHostMemory>.Instance);
        var jumpHosts = new JumpHostFinder(
            _services,
            new DatabaseFinder(_services, TimeProvider.System, NullLogger<DatabaseFinder>.Instance),
            new HostNames(TimeProvider.System),
            memory,
            "somebody"
        );
        Check = new TunnelCheck(_services, _services, jumpHosts, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public EmulatorServer Emulator { get; }

    public TunnelCheck Check { get; }

    public WrongMfaCodes MfaCodes { get; } = new();

    /// <param name="databasePort">Where the database listens on this machine, whatever port is asked for; 0 for one that refuses.</param>
    public static async Task<Chain> StartAsync(
        int databasePort = 0,
        EmulatedInstance? jumpHost = null,
        string allowedGroup = "sg-0jump",
        string? secret = null,
        TimeSpan clockAhead = default,
        Action<EmulatedSession>? onSessionStarting = null,
        string? config = null,
        EmulatedRole? role = null,
        params string[] deniedActions
    ) =>
        new(
            await EmulatorServer.StartAsync(
                new EmulatorOptions
                {
                    Regions =
                    [
                        new(
                            Region,
                            [new("orders", "postgres", "16.4", Host, 5432, "vpc-0a", ["sg-0db"])],
                            [],
                            [],
                            [new("sg-0db", "vpc-0a", [new(0, 65535, [allowedGroup], [], [])])]
                        ),
                    ],
                    Instances = [jumpHost ?? EmulatedInstance.Default],
                    Credentials = [EmulatedCredential.Default with { DeniedActions = deniedActions }],
                    Roles = role is null ? [] : [role],
                    OnSessionStarting = onSessionStarting,
                    Agent = new AgentOptions { Unpaced = true, Resolve = (_, _) => ("127.0.0.1", databasePort == 0 ? 1 : databasePort) },
                },
                new ShiftedTime(clockAhead),
                NullLoggerFactory.Instance
            ),
            secret ?? EmulatedCredential.Default.SecretAccessKey,
            config
        );

    public async Task<Dictionary<CheckStepName, CheckStep>> RunAsync(
        int port = 5432,
        string? target = null,
        string? host = Host,
        string? profile = null
    )
    {
        var steps = new List<CheckStep>();
        await foreach (
            var step in Check.RunAsync(
                new TunnelRequest
                {
                    Host = host,
                    Port = port,
                    Target = target,
                    Scope = new AwsScope(profile),
                },
                CancellationToken.None
            )
        )
        {
            steps.Add(step);
        }

        Assert.Equal(Enum.GetValues<CheckStepName>(), steps.Select(step => step.Name));
        Assert.All(Emulator.Sessions, session => Assert.NotNull(session.EndedWith));
        return steps.ToDictionary(step => step.Name);
    }

    public async ValueTask DisposeAsync()
    {
        _services.Dispose();
        await Emulator.DisposeAsync();
    }

    internal sealed class WrongMfaCodes : IMfaCodes
    {
        public int Asked { get; private set; }

        public Task<string> AskAsync(string profile, string serialNumber, CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult("000000");
        }
    }
}
