namespace RdsTunnel.Emulator.Agents;

/// <summary>What became of an incoming message.</summary>
internal enum InputResult
{
    /// <summary>Done, or thrown away: it is acknowledged.</summary>
    Processed,

    /// <summary>Not taken: it is not acknowledged, and expected again.</summary>
    Rejected,
}
