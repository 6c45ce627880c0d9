using System.Reflection;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

/// <summary>AWS is asked for the writer of a cluster's writer endpoint, and of nothing else; a failure costs no tunnel anything.</summary>
public sealed class ClusterWritersTests : IInventories, ILogger<ClusterWriters>
{
    private const string Writer = "orders.cluster-abc123.eu-west-1.rds.amazonaws.com";

    private readonly List<AwsScope> _asked = [];
    private readonly List<string> _logged = [];
    private Func<string, CancellationToken, Task<string?>> _answer = (_, _) => Task.FromResult<string?>("orders-1");

    public TimeSpan ClockOffset => TimeSpan.Zero;

    private ClusterWriters Writers => new(this, this);

    public IInventory InventoryOf(AwsScope scope)
    {
        _asked.Add(scope);
        var inventory = DispatchProxy.Create<IInventory, OnlyWriters>();
        ((OnlyWriters)(object)inventory).Answer = (host, token) => _answer(host, token);
        return inventory;
    }

    [Theory]
    [InlineData("orders.cluster-ro-abc123.eu-west-1.rds.amazonaws.com")]
    [InlineData("reports.cluster-custom-abc123.eu-west-1.rds.amazonaws.com")]
    [InlineData("orders-1.abc123.eu-west-1.rds.amazonaws.com")]
    [InlineData("orders.proxy-abc123.eu-west-1.rds.amazonaws.com")]
    [InlineData("orders.cluster-abc123.example.com")]
    [InlineData("10.1.2.3")]
    [InlineData(null)]
    public void QuestionFor_NoWriterEndpoint_IsNone(string? host) =>
        Assert.Null(Writers.QuestionFor(new TunnelRequest { Host = host, Port = 5432 }));

    [Theory]
    [InlineData(Writer, "eu-west-1")]
    [InlineData("ORDERS.cluster-ABC123.eu-west-1.rds.amazonaws.com.", "eu-west-1")]
    [InlineData("orders.cluster-abc123.cn-north-1.rds.amazonaws.com.cn", "cn-north-1")]
    public async Task QuestionFor_WriterEndpoint_AsksInItsOwnRegion(string host, string region)
    {
        var request = new TunnelRequest
        {
            Host = host,
            Port = 5432,
            Scope = new AwsScope("dev", "us-east-1"),
        };

        Assert.Equal("orders-1", await Writers.QuestionFor(request)!(CancellationToken.None));
        Assert.Equal(new AwsScope("dev", region), Assert.Single(_asked));
    }

    [Fact]
    public async Task Question_PermissionIsMissing_IsUnknownAndSaysSoOnce()
    {
        _answer = (_, _) => throw new AwsException(AwsErrorCode.AccessDenied, "denied");
        var ask = Writers.QuestionFor(new TunnelRequest { Host = Writer, Port = 5432 })!;

        Assert.Null(await ask(CancellationToken.None));
        Assert.Null(await ask(CancellationToken.None));

        Assert.Contains("rds:DescribeDBClusters", Assert.Single(_logged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_FailsInAnyWay_IsUnknownAndQuotesNobody()
    {
        _answer = (_, _) => throw new InvalidOperationException("http://jane:hunter2@proxy");

        Assert.Null(await Writers.QuestionFor(new TunnelRequest { Host = Writer, Port = 5432 })!(CancellationToken.None));
        Assert.DoesNotContain("hunter2", Assert.Single(_logged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_Cancelled_IsCancelled()
    {
        _answer = (_, token) => Task.FromCanceled<string?>(token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Writers.QuestionFor(new TunnelRequest { Host = Writer, Port = 5432 })!(new CancellationToken(canceled: true))
        );
        Assert.Empty(_logged);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _logged.Add($"{formatter(state, exception)} {exception}");

    /// <summary>An inventory of which nothing else may be asked.</summary>
    public class OnlyWriters : DispatchProxy
    {
        public Func<string, CancellationToken, Task<string?>> Answer { get; set; } = (_, _) => Task.FromResult<string?>(null);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod?.Name == nameof(IInventory.FindWriterAsync)
                ? Answer((string)args![0]!, (CancellationToken)args[1]!)
                : throw new NotSupportedException(targetMethod?.Name);
    }
}
