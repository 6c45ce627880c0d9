namespace RdsTunnel.Emulator.Gateway;

/// <summary>Whom the message gateway lets open a data channel. Nodes are always let in, by their signature.</summary>
public sealed record ChannelRules
{
    public ChannelSignatureRule Signature { get; init; } = ChannelSignatureRule.Required;

    /// <summary>Clients that report an older version are turned away; null for none.</summary>
    public string? MinimumClientVersion { get; init; }
}

/// <summary>What becomes of a client's upgrade.</summary>
public enum ChannelSignatureRule
{
    /// <summary>Without a signature: 403.</summary>
    Required,

    /// <summary>A signature is verified where there is one.</summary>
    Optional,

    /// <summary>Nobody has the permission ssmmessages:OpenDataChannel. With a signature: 403; without one the token is enough.</summary>
    Denied,
}
