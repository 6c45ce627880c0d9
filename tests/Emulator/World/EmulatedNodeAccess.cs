namespace RdsTunnel.Emulator.World;

/// <summary>How an account grants access to its nodes just in time.</summary>
public sealed record EmulatedNodeAccess
{
    // Not init: what a world file leaves out keeps its default then.

    /// <summary>Each request is approved at once, as an auto-approval policy does.</summary>
    public bool IsAutomatic { get; set; }

    /// <summary>How long what was approved lasts. An auto-approval policy gives an hour.</summary>
    public double AccessSeconds { get; set; } = 3_600;

    /// <summary>How long the credentials of a token last.</summary>
    public double TokenSeconds { get; set; } = 900;

    /// <summary>What sessions can be started with. AWS's own policies (version 3 of AWSSystemsManagerJustInTimeAccessTokenSessionPolicy, of
    /// February 2026) name the shell's document alone.</summary>
    public IReadOnlyList<string> Documents { get; set; } = ["SSM-SessionManagerRunShell"];
}
