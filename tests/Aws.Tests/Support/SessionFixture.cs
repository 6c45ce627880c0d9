using RdsTunnel.Aws.Composition;
using Xunit;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>The project under test against a service stub, with an environment of its own.</summary>
public abstract class SessionFixture : IAsyncLifetime
{
    private protected static readonly PortSessionRequest Request = new(
        "i-0123456789abcdef0",
        "db.example.eu-west-1.rds.amazonaws.com",
        5432,
        "rds-tunnel"
    );

    private protected const string Started = $$"""
        {"SessionId":"alice-0f1e","StreamUrl":"ws://127.0.0.1:1/v1/data-channel/alice-0f1e?role=publish_subscribe","TokenValue":"{{ServiceStub.TokenValue}}"}
        """;

    private AwsServices? _services;

    private protected ServiceStub Stub { get; private set; } = null!;

    private protected ObservedTime Time { get; } = new();

    private protected CollectedLogs Logs { get; } = new();

    private protected Dictionary<string, string> Environment { get; } =
        new()
        {
            ["HOME"] = "/nonexistent",
            ["AWS_ACCESS_KEY_ID"] = ServiceStub.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = ServiceStub.SecretAccessKey,
            ["AWS_SESSION_TOKEN"] = ServiceStub.SessionToken,
        };

    private protected AwsServices Services => _services ??= new(Time, Logs, new FakeMfaCodes(), Environment.GetValueOrDefault);

    private protected ISessionService Service => Services.For(new AwsScope(Region: ServiceStub.Region, EndpointUrl: Stub.Url));

    public virtual async Task InitializeAsync() => Stub = await ServiceStub.StartAsync();

    public virtual async Task DisposeAsync()
    {
        _services?.Dispose();
        await Stub.DisposeAsync();
    }
}
