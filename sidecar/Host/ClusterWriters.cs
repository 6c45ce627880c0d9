using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Endpoints;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>Asks AWS for the writer of a cluster whose writer endpoint a tunnel leads to.</summary>
/// <remarks>The permission is optional: without it tunnels work, and a failover is not noticed.</remarks>
internal sealed partial class ClusterWriters(IInventories inventories, ILogger<ClusterWriters> logger) : IWriters
{
    private readonly ConcurrentDictionary<AwsScope, bool> _denied = new();

    public FindWriter? QuestionFor(TunnelRequest request) =>
        request.Host is { } host && IsWriterEndpoint(host) && DatabaseEndpoint.Of(host) is { Region: { } region }
            ? cancellationToken => FindAsync(request.Scope with { Region = region }, host, cancellationToken)
            : null;

    // orders.cluster-abc123.eu-west-1.rds.amazonaws.com, but neither cluster-ro-… nor cluster-custom-…
    private static bool IsWriterEndpoint(string host) =>
        HostName.Normalize(host).Split('.') is [_, var label, ..]
        && label.StartsWith("cluster-", StringComparison.Ordinal)
        && !label.StartsWith("cluster-ro-", StringComparison.Ordinal)
        && !label.StartsWith("cluster-custom-", StringComparison.Ordinal);

    private async Task<string?> FindAsync(AwsScope scope, string host, CancellationToken cancellationToken)
    {
        try
        {
            return await inventories.InventoryOf(scope).FindWriterAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (AwsException e) when (e.Code == AwsErrorCode.AccessDenied)
        {
            if (_denied.TryAdd(scope, true))
            {
                LogDenied(host);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var reason = SafeText.Describe(e);
            LogUnknown(host, reason);
        }

        return null;
    }

    [LoggerMessage(
        EventId = 710,
        Level = LogLevel.Information,
        Message = "Failovers of {Host} and of other clusters are not noticed, because the permission rds:DescribeDBClusters is missing; tunnels work without it"
    )]
    private partial void LogDenied(string host);

    [LoggerMessage(EventId = 711, Level = LogLevel.Debug, Message = "The writer of {Host} could not be found out: {Reason}")]
    private partial void LogUnknown(string host, string reason);
}
