using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Discovery.Names;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Discovery.Tests;

/// <summary>A local AWS, and the finders that look at it.</summary>
internal sealed class Account : IAsyncDisposable
{
    public const string Region = "eu-west-1";

    private readonly AwsServices _services;

    private Account(EmulatorServer emulator, params IEnumerable<(string Name, string Value)> variables)
    {
        Emulator = emulator;
        var environment = new Dictionary<string, string?>
        {
            ["HOME"] = "/nonexistent",
            ["AWS_ACCESS_KEY_ID"] = EmulatedCredential.Default.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = EmulatedCredential.Default.SecretAccessKey,
            ["AWS_REGION"] = Region,
            ["AWS_ENDPOINT_URL"] = emulator.Endpoint.AbsoluteUri,
        };
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        _services = new AwsServices(TimeProvider.System, NullLoggerFactory.Instance, new NoMfaCodes(), environment.GetValueOrDefault);
        Databases = new DatabaseFinder(_services, TimeProvider.System, NullLogger<DatabaseFinder>.Instance);
        Memory = new JumpHostMemory(_services, file: null, Time, NullLogger<JumpHostMemory>.Instance);
        JumpHosts = JumpHostsFor("somebody");
    }

    public EmulatorServer Emulator { get; }

    public DatabaseFinder Databases { get; }

    public JumpHostFinder JumpHosts { get; }

    public JumpHostMemory Memory { get; }

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>What DNS tells; nothing of a name that is not there.</summary>
    public FakeHostNames Names { get; } = new();

    public JumpHostFinder JumpHostsFor(string user) => new(_services, Databases, Names, Memory, user);

    public IamTokens TokensBy(IHostNames names) => new(_services, names);

    public IInventory Inventory => _services.InventoryOf(new AwsScope());

    public static async Task<Account> StartAsync(
        IReadOnlyList<EmulatedRegion> regions,
        IReadOnlyList<EmulatedInstance>? instances = null,
        params string[] deniedActions
    ) =>
        new(
            await EmulatorServer.StartAsync(
                new EmulatorOptions
                {
                    Regions = regions,
                    Instances = instances ?? [EmulatedInstance.Default],
                    Credentials = [EmulatedCredential.Default with { DeniedActions = deniedActions }],
                },
                TimeProvider.System,
                NullLoggerFactory.Instance
            )
        );

    /// <param name="variable">Of the environment, beside those that lead to the local AWS.</param>
    public static async Task<Account> StartAsync(IReadOnlyList<EmulatedRegion> regions, (string Name, string Value) variable) =>
        new(
            await EmulatorServer.StartAsync(new EmulatorOptions { Regions = regions }, TimeProvider.System, NullLoggerFactory.Instance),
            variable
        );

    public async Task<(List<Database> Databases, List<DiscoveryFailure> Failures)> FindAsync(bool refresh = false, params AwsScope[] scopes)
    {
        var (databases, failures) = (new List<Database>(), new List<DiscoveryFailure>());
        await foreach (var batch in Databases.FindAsync(scopes is [] ? [new AwsScope()] : scopes, refresh, CancellationToken.None))
        {
            databases.AddRange(batch.Databases);
            failures.AddRange(batch.Failure is { } failure ? [failure] : []);
        }

        return (databases, failures);
    }

    public async ValueTask DisposeAsync()
    {
        _services.Dispose();
        await Emulator.DisposeAsync();
    }

    private sealed class NoMfaCodes : IMfaCodes
    {
        public Task<string> AskAsync(string profile, string serialNumber, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
