using System.Text;

namespace RdsTunnel.Databases.Redis.Protocol;

/// <summary>The database's errors in our words, for the log and the tunnel's state: its own have gone to the tool.</summary>
internal static class Refusals
{
    public const string WrongPassword = "WRONGPASS";

    public static LoginException By(ReadOnlySpan<byte> error, DatabaseCredentials? credentials)
    {
        var (words, hint) = Of(Encoding.UTF8.GetString(error[1..]).TrimEnd());
        return new LoginException(LoginError.DatabaseRefused, $"The database refused the sign-in: {words}.")
        {
            Hint = hint ?? (IsAboutThePassword(error) ? credentials?.Hint : null),
        };
    }

    /// <summary>User or password are wrong: they need not be tried again.</summary>
    public static bool IsAboutThePassword(ReadOnlySpan<byte> error) =>
        error.StartsWith("-WRONGPASS"u8) || error.StartsWith("-ERR invalid password"u8);

    private static (string Words, string? Hint) Of(string error) =>
        error switch
        {
            _ when error.StartsWith(WrongPassword, StringComparison.Ordinal) => (
                "wrong user or password, or the user is disabled (WRONGPASS)",
                null
            ),
            _ when error.StartsWith("ERR invalid password", StringComparison.Ordinal) => ("wrong password", null),
            _ when error.StartsWith("ERR max number of clients", StringComparison.Ordinal) => ("it has too many connections", null),
            _ when error.Contains("without any password", StringComparison.Ordinal)
                    || error.Contains("no password is set", StringComparison.Ordinal) => ("it asks for no password", "Use the login tls."),
            _ when error.StartsWith("ERR wrong number of arguments", StringComparison.Ordinal) => (
                "it knows no users",
                "It is older than Redis 6. Use a secret that has a password and no user."
            ),
            _ when error.StartsWith("LOADING", StringComparison.Ordinal) => ("it is loading its data (LOADING)", "Try again in a moment."),
            _ when error.StartsWith("NOPERM", StringComparison.Ordinal) => ("the user isn't allowed to sign in like this (NOPERM)", null),
            _ => ("see the tool's error message", null),
        };
}
