using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Emulator;
using Xunit;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>The project under test against the local AWS, with a home directory of its own and a time that both share.</summary>
public abstract class IdentityFixture : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = Hang.Limit;

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("rds-tunnel-aws-");
    private AwsServices? _services;

    private protected FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    private protected CollectedLogs Logs { get; } = new();

    private protected FakeMfaCodes MfaCodes { get; } = new();

    private protected Browser Browser { get; } = new();

    private protected EmulatorServer Emulator { get; private set; } = null!;

    private protected Dictionary<string, string> Environment { get; } = [];

    private protected string Home => _home.FullName;

    private protected AwsServices Services => _services ??= new(Time, Logs, MfaCodes, Environment.GetValueOrDefault);

    private protected virtual EmulatorOptions Options => new();

    public virtual async Task InitializeAsync()
    {
        Emulator = await EmulatorServer.StartAsync(Options, Time, NullLoggerFactory.Instance);
        Environment["HOME"] = Home;
        Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        Environment["AWS_REGION"] = "eu-west-1";
        Environment["AWS_ENDPOINT_URL"] = Emulator.Endpoint.AbsoluteUri;
    }

    public async Task DisposeAsync()
    {
        _services?.Dispose();
        Browser.Dispose();
        await Emulator.DisposeAsync();
        _home.Delete(recursive: true);
    }

    private protected static IdentityCredentials CredentialsOf(AwsServices services, string profile) =>
        services.CredentialsOf(new AwsSettings(profile, "eu-west-1", null, false, false));

    private protected void Config(string text) =>
        File.WriteAllText(Path.Combine(_home.CreateSubdirectory(".aws").FullName, "config"), text);

    /// <summary>Lets time pass until the task has ended: whoever waits, waits on the shared time.</summary>
    private protected async Task<T> PassTimeUntilAsync<T>(Task<T> task)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!task.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token));
        }

        return await task;
    }

    private protected static async Task<AwsException> FailureAsync(Func<Task> action) =>
        await Assert.ThrowsAsync<AwsException>(() => action().WaitAsync(Patience));

    /// <summary>Starts a session with a profile: the proof that its credentials work.</summary>
    private protected Task<SessionAccess> StartSessionAsync(string? profile) =>
        Services
            .For(new AwsScope(profile))
            .StartSessionAsync(new PortSessionRequest("i-0123456789abcdef0", "127.0.0.1", 5432), CancellationToken.None);
}
