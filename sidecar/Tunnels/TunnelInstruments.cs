namespace RdsTunnel.Tunnels;

/// <summary>What listens to a process's tunnels asks for them by these names. docs/metrics.md lists the instruments.</summary>
public static class TunnelInstruments
{
    /// <summary>Of the meter.</summary>
    public const string Meter = "RdsTunnel";

    /// <summary>Of the source of activities.</summary>
    public const string Activities = "RdsTunnel";

    internal const string TunnelLabel = "tunnel";
}
