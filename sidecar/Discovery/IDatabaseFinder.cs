using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery;

/// <summary>Lists what can be tunnelled to. Thread-safe.</summary>
public interface IDatabaseFinder
{
    /// <summary>All databases of some identities and regions, searched side by side, in the order
    /// in which AWS answers. What cannot be searched is a
    /// failure among the results, never an exception. Answers are kept for a short time.</summary>
    /// <param name="refresh">Ask AWS even for what was answered a moment ago.</param>
    IAsyncEnumerable<DatabaseBatch> FindAsync(IReadOnlyList<AwsScope> scopes, bool refresh, CancellationToken cancellationToken);
}

/// <summary>One page of an answer, or one failure.</summary>
public sealed record DatabaseBatch(IReadOnlyList<Database> Databases, DiscoveryFailure? Failure = null);

/// <summary>What could not be listed, beside what could.</summary>
/// <param name="Action">The call that failed, in IAM's words: <c>rds:DescribeDBInstances</c>; with
/// AccessDenied, the permission that would help.</param>
/// <param name="Code">For programs.</param>
/// <param name="Message">Text to show the user.</param>
/// <param name="Profile">Of the scope.</param>
/// <param name="Region">Of the scope.</param>
public sealed record DiscoveryFailure(string Action, AwsErrorCode Code, string Message, string? Profile = null, string? Region = null)
{
    internal bool IsOfEcs => Action.StartsWith("ecs:", StringComparison.Ordinal);

    /// <summary>The same call may succeed a moment later.</summary>
    internal bool IsPassing =>
        Code
            is AwsErrorCode.Unreachable
                or AwsErrorCode.ServiceFault
                or AwsErrorCode.Throttled
                or AwsErrorCode.CredentialsExpired
                or AwsErrorCode.CredentialsUnavailable;
}
