using System.Security.Cryptography;
using System.Text;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>Where <c>open</c> takes a tunnel's local password from: never from an argument, which
/// every user of the machine can read.</summary>
/// <param name="File">Null when none was named.</param>
internal sealed record LocalPasswordSource(string? File)
{
    public const string Option = "--local-password";
    public const string FileOption = "--local-password-file";
    public const string Variable = "RDS_TUNNEL_LOCAL_PASSWORD";
    private const int MaxFileBytes = 4096;
    private const int RandomBytes = 24;

    /// <summary>Adds it to a tunnel that has one, and shows one that is made here.</summary>
    /// <returns>False when there is none; what is wrong has been said.</returns>
    public bool TryAddTo(ref OpenTunnelParams tunnel, Func<string, string?> environment, Terminal terminal)
    {
        if (!tunnel.LocalPassword)
        {
            return true;
        }

        var (text, problem) = Find(environment, terminal.IsInteractive);
        if (problem is not null)
        {
            terminal.Output.WriteLine($"rds-tunnel: {problem}");
            return false;
        }

        if (text is null)
        {
            text = Base64Url(RandomNumberGenerator.GetBytes(RandomBytes));
            terminal.Output.WriteLine($"Local password, shown only now: {text}");
        }

        tunnel = tunnel with { LocalPasswordText = text };
        return true;
    }

    /// <param name="canBeMade">Where there is none, one can be made.</param>
    /// <returns>The password, null when one is to be made; and what is wrong, in a sentence.</returns>
    public (string? Text, string? Problem) Find(Func<string, string?> environment, bool canBeMade)
    {
        var (text, source) = File is not null
            ? (Read(File), $"The local password in {File}")
            : (environment(Variable), $"The local password in {Variable}");
        var problem = (text, File) switch
        {
            ({ } found, _) => TunnelRules.LocalPasswordText.ProblemOf(found)?.Problem,
            (null, not null) =>
                "can't be used: the file doesn't exist, can't be read within 2 s, is longer than 4 KB, or can be read by every user of this computer",
            _ when canBeMade => null,
            _ => $"is missing. Set this variable or use {FileOption}; a password is only made up where a terminal shows it",
        };
        return (text, problem is null ? null : $"{source} {problem}.");
    }

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_');

    // The first line of it; null when it cannot be used.
    private static string? Read(string path)
    {
        try
        {
            return NamedFile.Read(path, MaxFileBytes, IsForFew) is { } bytes
                ? Encoding.UTF8.GetString(bytes).TrimStart('\ufeff').Split('\n')[0].TrimEnd('\r')
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static bool IsForFew(FileStream file) =>
        OperatingSystem.IsWindows() || !System.IO.File.GetUnixFileMode(file.SafeFileHandle).HasFlag(UnixFileMode.OtherRead);
}
