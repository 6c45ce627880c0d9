using RdsTunnel.Programs;
using RdsTunnel.Rpc;

namespace RdsTunnel.Host;

/// <summary>What <c>rds-tunnel exec</c> was told.</summary>
/// <param name="Tunnel">What was typed. With a name, and no host or target, the rest comes from the team's file.</param>
/// <param name="IsPortTyped">Otherwise the tunnel has none yet.</param>
/// <param name="Kind">Null for what the host's name and the port say.</param>
/// <param name="Templates">More variables, as <c>NAME=value</c> with placeholders.</param>
/// <param name="Program">The program, and what it is given.</param>
internal sealed record ExecOptions(
    OpenTunnelParams Tunnel,
    bool IsPortTyped,
    DatabaseKind? Kind,
    string? Database,
    IReadOnlyList<string> Templates,
    TimeSpan Patience,
    IReadOnlyList<string> Program
)
{
    /// <summary>The tunnel that is meant, the database's own name, and the file that says so, if one does.</summary>
    /// <exception cref="TeamFileException">It is nowhere.</exception>
    public (OpenTunnelParams Tunnel, string? Database, string? File) Resolve()
    {
        if (Tunnel is not { Name: { } name, Host: null, Target: null })
        {
            return (Tunnel, Database, null);
        }

        var folder = PresentFolder();
        var file =
            TeamFile.Find(folder)
            ?? throw new TeamFileException(
                $"There is no {TeamFile.Name} in {folder} or a folder above it. Create one in the editor (Create team file), or name the database with --host and --port."
            );
        var (shared, database) = TeamFile.Read(file, name);
        // What was typed counts more. The editor may already listen on the file's local port.
        return (
            shared with
            {
                Port = IsPortTyped ? Tunnel.Port : shared.Port,
                LocalPort = Tunnel.LocalPort,
                Profile = Tunnel.Profile ?? shared.Profile,
                Region = Tunnel.Region ?? shared.Region,
                EndpointUrl = Tunnel.EndpointUrl,
                Document = Tunnel.Document ?? shared.Document,
                Reason = Tunnel.Reason ?? shared.Reason,
                MaxSessions = Tunnel.MaxSessions,
                Login = Tunnel.Login ?? shared.Login,
                User = Tunnel.User ?? shared.User,
                SecretId = Tunnel.SecretId ?? shared.SecretId,
                Compress = Tunnel.Compress || shared.Compress,
                LocalTls = Tunnel.LocalTls || shared.LocalTls,
                Socket = Tunnel.Socket || shared.Socket,
                StartJumpHost = Tunnel.StartJumpHost || shared.StartJumpHost,
                RequestAccess = Tunnel.RequestAccess ?? shared.RequestAccess,
            },
            Database ?? database,
            file
        );
    }

    private static string PresentFolder()
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (IOException)
        {
            throw new TeamFileException("The current folder was deleted, so no team file can be found. Change to another folder.");
        }
    }
}
