using RdsTunnel.Tunnels;

namespace RdsTunnel.Diagnosis;

/// <summary>Goes through all that a tunnel needs, from credentials to the database's certificate. It changes nothing, and leaves no session. Thread-safe.</summary>
public interface ITunnelCheck
{
    /// <summary>Each step as it is done, in the order of <see cref="CheckStepName"/>. A step that cannot be done because of an earlier one is
    /// <see cref="CheckOutcome.Unknown"/> and says so.</summary>
    IAsyncEnumerable<CheckStep> RunAsync(TunnelRequest request, CancellationToken cancellationToken);
}

/// <param name="Message">What was found, for people.</param>
/// <param name="Advice">What to do; left out when nothing needs doing.</param>
public sealed record CheckStep(CheckStepName Name, CheckOutcome Outcome, string Message, string? Advice = null);

public enum CheckStepName
{
    Credentials,
    Identity,
    Permission,
    Target,
    Network,
    Session,
    Connection,
    Certificate,
}

public enum CheckOutcome
{
    Passed,
    Failed,
    Unknown,
}
