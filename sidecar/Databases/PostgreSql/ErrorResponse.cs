using System.Text;
using RdsTunnel.Faults;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>An error as PostgreSQL tells it: fields, each a letter and a text that ends in a zero byte; a zero byte at the end.</summary>
/// <remarks><see href="https://www.postgresql.org/docs/current/protocol-error-fields.html"/></remarks>
internal static class ErrorResponse
{
    private const string CannotConnect = "08001";
    private const string ConnectionFailure = "08006";
    private const string InvalidAuthorization = "28";
    private const string InvalidPassword = "28P01";
    private const string TooManyConnections = "53300";
    private const string NoSuchDatabase = "3D000";
    private const string StartingUp = "57P03";

    /// <summary>What of ours went wrong, as the tool shows it.</summary>
    public static byte[] For(LoginException failure)
    {
        var code = failure.Error switch
        {
            LoginError.WrongLocalPassword => InvalidPassword,
            LoginError.DatabaseGone or LoginError.TimedOut => ConnectionFailure,
            _ => CannotConnect,
        };
        // Some tools show the hint, some do not: everything that matters is in the message.
        var fields = $"SFATAL\0VFATAL\0C{code}\0MRDS Tunnel: {failure.Message}\0{(failure.Hint is { } hint ? $"H{hint}\0" : "")}\0";
        return new PostgreSqlFrame(PostgreSqlFrame.ErrorResponse, Encoding.UTF8.GetBytes(fields)).ToBytes();
    }

    /// <summary>What the database refuses, for the log and the tunnel's state.</summary>
    /// <exception cref="LoginException">It is no error.</exception>
    public static LoginException Read(PostgreSqlFrame frame, DatabaseCredentials? credentials)
    {
        string code = "",
            message = "";
        var rest = frame.Body.Span;
        while (!rest.IsEmpty && rest[0] != 0)
        {
            var field = rest[0];
            rest = rest[1..];
            var text = PostgreSqlFrame.ReadText(ref rest);
            (code, message) = field switch
            {
                (byte)'C' => (ForeignText.Quote(text, maxChars: 5), message),
                (byte)'M' => (code, ForeignText.Quote(text)),
                _ => (code, message),
            };
        }

        return new LoginException(LoginError.DatabaseRefused, $"The database refused the connection: {message} ({code}).")
        {
            Hint =
                code.StartsWith(InvalidAuthorization, StringComparison.Ordinal) ? credentials?.Hint
                : code == TooManyConnections ? "Close connections of other programs, or raise the database's max_connections."
                : code == NoSuchDatabase ? "Name a database in your tool: without one, the one named like the tool's user is opened."
                : code == StartingUp ? "The database is starting, stopping or recovering. Try again in a moment."
                : null,
        };
    }
}
