using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>A session's reason says that an AI agent opened it: <c>agent: find the slow query</c>.</summary>
public static class AgentReasons
{
    public const string Prefix = "agent";

    /// <summary>The agent's part of it; null when a person opened the tunnel.</summary>
    public static string? Of(TunnelRequest request) =>
        request.Reason is { } reason && reason.StartsWith($"{Prefix}: ", StringComparison.Ordinal) ? reason[(Prefix.Length + 2)..] : null;
}
