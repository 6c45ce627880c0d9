namespace RdsTunnel.Host;

/// <summary>Whether other users of this machine may connect to tunnels without a login: the editor's setting, or whoever opens tunnels at the terminal, says so
/// in the environment. For containers and virtual machines, where a relay of another user's brings in the tool's connection.</summary>
internal static class OtherUsers
{
    public const string Variable = "RDS_TUNNEL_ALLOW_OTHER_USERS";

    public static bool MayConnect => Environment.GetEnvironmentVariable(Variable) == "true";
}
