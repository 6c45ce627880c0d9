using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Agents;

/// <summary>What depends on the versions of agent and client.</summary>
internal static class AgentVersions
{
    private static readonly TimeSpan SmuxKeepAliveInterval = TimeSpan.FromSeconds(10);

    /// <summary>Both ends must know how to multiplex.</summary>
    public static bool Multiplexes(string agentVersion, string clientVersion) =>
        Parse(agentVersion) >= new DottedVersion(3, 0, 196, 0) && Parse(clientVersion) >= new DottedVersion(1, 1, 70, 0);

    /// <summary>Newer agents leave keepalive out for newer clients, since it defeats the account's
    /// idle timeout. Null: no keepalive.</summary>
    public static TimeSpan? KeepAliveInterval(string agentVersion, string clientVersion) =>
        Parse(agentVersion) >= new DottedVersion(3, 1, 1511, 0) && Parse(clientVersion) > new DottedVersion(1, 2, 331, 0)
            ? null
            : SmuxKeepAliveInterval;

    public static DottedVersion Parse(string version) => DottedVersion.TryParse(version, out var parsed) ? parsed : default;
}
