namespace RdsTunnel.Tunnels;

/// <summary>Selects the jump host of a tunnel whose user named none, and learns from how it went. Thread-safe.</summary>
public interface ITargets
{
    /// <summary>A person has chosen a jump host: whoever waits for one looks again.</summary>
    event Action? Chosen;

    /// <summary>The best target now. Asked before each session, so that one that has gone is replaced.</summary>
    /// <exception cref="TunnelException"><see cref="TunnelErrorCode.NoJumpHost"/>: none fits; the message says what is missing.
    /// <see cref="TunnelErrorCode.JumpHostChoiceNeeded"/>: some may fit, and nothing is known to speak for one of them.</exception>
    /// <exception cref="Aws.AwsException">They cannot be listed.</exception>
    Task<string> SelectAsync(TunnelRequest request, CancellationToken cancellationToken);

    /// <summary>The database has answered through it.</summary>
    void OnReached(TunnelRequest request, string target);

    /// <summary>It is passed over for a few minutes, if there is another one.</summary>
    FailedTargets OnFailed(TunnelRequest request, string target, TargetFailure failure);
}

/// <param name="Tried">Those that have failed for this database lately, in order; the last one is among them.</param>
/// <param name="HasOther">The next session gets another one, as far as is known.</param>
public sealed record FailedTargets(IReadOnlyList<string> Tried, bool HasOther);

public enum TargetFailure
{
    /// <summary>No session can be started there: its agent is away or silent, or this identity may not.</summary>
    NoSession,
    /// <summary>It could not connect to the database, or got no answer.</summary>
    NoDatabase,
}
