namespace RdsTunnel.Discovery.Memory;

/// <summary>What is remembered of the jump hosts of one database.</summary>
/// <param name="Remembered">Null when nothing is.</param>
/// <param name="FailedLately">Those that did not lead there in the last minutes, in order.</param>
public sealed record JumpHostExperience(RememberedJumpHost? Remembered, IReadOnlyList<FailedJumpHost> FailedLately)
{
    public static JumpHostExperience None { get; } = new(null, []);

    /// <summary>The one that a person has chosen.</summary>
    public string? Chosen => Remembered is { IsChosen: true, Target: var target } ? target : null;

    public bool HasFailed(string target) => FailedLately.Any(failed => failed.Target == target);
}

/// <param name="IsChosen">By a person; otherwise it was found by trying.</param>
public sealed record RememberedJumpHost(string Target, bool IsChosen);

/// <param name="HadSession">A session could be opened, but the database was not reached.</param>
public sealed record FailedJumpHost(string Target, DateTimeOffset At, bool HadSession);
