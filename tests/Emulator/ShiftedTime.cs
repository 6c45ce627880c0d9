namespace RdsTunnel.Emulator;

/// <summary>A clock that differs from this machine's, as AWS's does for a laptop whose own is wrong.</summary>
/// <param name="ahead">Negative for one that is behind.</param>
public sealed class ShiftedTime(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
