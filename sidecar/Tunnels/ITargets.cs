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
    Task<SelectedTarget> SelectAsync(TunnelRequest request, CancellationToken cancellationToken);

    /// <summary>The database has answered through it.</summary>
    void OnReached(TunnelRequest request, string target);

    /// <summary>It is passed over for a few minutes, if there is another one.</summary>
    FailedTargets OnFailed(TunnelRequest request, string target, TargetFailure failure);
}

/// <summary>A jump host, as a tunnel was given it.</summary>
/// <param name="Target">As StartSession takes it.</param>
/// <param name="Name">Display name; null when it is not known.</param>
/// <param name="Reasons">Shown to users, the weightiest first: the reasons for it. Empty when the tunnel's user named it.</param>
public sealed record SelectedTarget(string Target, string? Name, IReadOnlyList<string> Reasons);

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
