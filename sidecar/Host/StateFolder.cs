namespace RdsTunnel.Host;

/// <summary>Where this program keeps what it remembers. It is shared by all processes of a user.</summary>
internal static class StateFolder
{
    /// <summary>XDG_STATE_HOME where it is set, else what is usual on the system.</summary>
    /// <returns>Null when there is no place: nothing is remembered then.</returns>
    public static string? JumpHosts(Func<string, string?> environment) =>
        Root(environment) is { } root ? Path.Combine(root, "rds-tunnel", "jump-hosts.json") : null;

    /// <summary>The log of what AI agents did.</summary>
    /// <returns>Null when there is no place.</returns>
    public static string? Agents(Func<string, string?> environment) =>
        Root(environment) is { } root ? Path.Combine(root, "rds-tunnel", "agents.jsonl") : null;

    /// <summary>Where other programs find the authorities that issue the certificates of AWS's databases.</summary>
    /// <returns>Null when there is no place.</returns>
    public static string? Authorities(Func<string, string?> environment) =>
        Root(environment) is { } root ? Path.Combine(root, "rds-tunnel", "global-bundle.pem") : null;

    /// <summary>Where the sidecars of several windows meet: what the system empties when the user
    /// is gone, where there is such a folder.</summary>
    /// <returns>Null when there is no place.</returns>
    public static string? Meeting(Func<string, string?> environment) => Absolute(environment("XDG_RUNTIME_DIR")) ?? Root(environment);

    /// <summary>Where tunnels have their socket files. Its path is short, so that they fit into a socket's address.</summary>
    /// <returns>Null when there is no place.</returns>
    public static string? Sockets(Func<string, string?> environment) =>
        Meeting(environment) is { } root ? Path.Combine(root, "rds-tunnel", "sockets") : null;

    /// <summary>Where tunnels that offer TLS have the certificates of their ports.</summary>
    /// <returns>Null when there is no place.</returns>
    public static string? Certificates(Func<string, string?> environment) =>
        Meeting(environment) is { } root ? Path.Combine(root, "rds-tunnel", "certificates") : null;

    private static string? Root(Func<string, string?> environment)
    {
        var home = Absolute(environment("HOME"));
        return Absolute(environment("XDG_STATE_HOME"))
            ?? (
                OperatingSystem.IsWindows() ? Absolute(environment("LOCALAPPDATA"))
                : home is null ? null
                : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Application Support")
                : Path.Combine(home, ".local", "state")
            );
    }

    // A relative one is to be ignored, the specification says.
    private static string? Absolute(string? path) => Path.IsPathFullyQualified(path ?? "") ? path : null;
}
