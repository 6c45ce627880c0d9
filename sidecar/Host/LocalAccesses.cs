using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>How this machine's programs reach tunnels, as the environment says: the editor sets it,
/// or whoever opens tunnels at the terminal.</summary>
internal static class LocalAccesses
{
    /// <summary>Lets other users of this machine connect to tunnels without a login or with a local
    /// password: for containers and virtual machines, where a relay of another user's brings in
    /// the tool's connection.</summary>
    private const string OthersVariable = "RDS_TUNNEL_ALLOW_OTHER_USERS";

    public static LocalAccess In(Func<string, string?> environment) =>
        new(environment(OthersVariable) == "true", StateFolder.Sockets(environment), StateFolder.Certificates(environment));
}
