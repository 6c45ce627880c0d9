using RdsTunnel.Tunnels;

namespace RdsTunnel.Diagnosis;

/// <summary>Goes through all that a tunnel needs, from credentials to the database's certificate.
/// It changes nothing, and leaves no session. Thread-safe.</summary>
public interface ITunnelCheck
{
    /// <summary>Each step as it is done, in the order of <see cref="CheckStepName"/>. A step that
    /// cannot be done because of an earlier one is
    /// <see cref="CheckOutcome.Unknown"/> and says so.</summary>
    IAsyncEnumerable<CheckStep> RunAsync(TunnelRequest request, CancellationToken cancellationToken);
}

/// <param name="Name">What was looked at.</param>
/// <param name="Outcome">How it is.</param>
/// <param name="Message">Shown to users: what was found.</param>
/// <param name="Advice">Shown to users: what to do.</param>
public sealed record CheckStep(CheckStepName Name, CheckOutcome Outcome, string Message, string? Advice = null);

public enum CheckStepName
{
    /// <summary>There are some, and AWS knows them.</summary>
    Credentials,

    /// <summary>Who they are.</summary>
    Identity,

    /// <summary>The jump host is there, online, and new enough.</summary>
    Target,

    /// <summary>By VPC and security groups, the jump host reaches the database.</summary>
    Network,

    /// <summary>The identity may start a session.</summary>
    Permission,

    /// <summary>The websocket of the session's data channel is opened, with a signature if the identity may.</summary>
    Channel,

    /// <summary>The jump host's agent starts the session.</summary>
    Session,

    /// <summary>From the jump host, the database's name is resolved and its port answers.</summary>
    Connection,

    /// <summary>The database's certificate is valid and bears its name.</summary>
    Certificate,
}

public enum CheckOutcome
{
    Passed,
    Failed,

    /// <summary>Unknown, or skipped because of an earlier step.</summary>
    Unknown,
}
