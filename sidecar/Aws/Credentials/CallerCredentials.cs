using Amazon.Runtime;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The credentials that sign the calls of a service. Thread-safe.</summary>
internal abstract class CallerCredentials : AWSCredentials
{
    /// <summary>The keys of the latest request: what must not appear in a text about it. Null before the first.</summary>
    public abstract StaticKeys? Latest { get; }

    /// <summary>Where the keys of the latest request came from: equal as long as it is the same source. Null before the first.</summary>
    public abstract object? LatestSource { get; }

    /// <summary>The service says that they are over, whatever was said of their end before: the next request fetches others.</summary>
    /// <returns>False when there are no others.</returns>
    public abstract bool Forget();

    public override ImmutableCredentials GetCredentials() => throw new NotSupportedException("Calls are asynchronous only.");
}
