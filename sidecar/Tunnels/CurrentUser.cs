namespace RdsTunnel.Tunnels;

/// <summary>Who runs this program, for texts and for telling members of a team apart; nothing is decided by it.</summary>
public static class CurrentUser
{
    /// <summary>As the system names the user; where it has no name for the user's number, as in
    /// containers that run under any, what the environment says.</summary>
    public static string Name { get; } = From(() => Environment.UserName, Environment.GetEnvironmentVariable);

    internal static string From(Func<string> system, Func<string, string?> environment)
    {
        try
        {
            if (system() is { Length: > 0 } name)
            {
                return name;
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // The system's list of users has no such number, or cannot be read.
        }

        return environment("USER") is { Length: > 0 } user ? user
            : environment("LOGNAME") is { Length: > 0 } login ? login
            : "unknown";
    }
}
