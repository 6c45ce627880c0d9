namespace RdsTunnel.Databases.MySql;

/// <summary>Failures of ours in the tool's protocol, and the database's in our words.</summary>
internal static class Refusals
{
    private const int AccessDenied = 1045;
    private const int AccessDeniedWithoutPassword = 1698;

    /// <summary>The error that the tool gets, with the number and SQL state that MySQL's servers
    /// and client library use for such a failure.</summary>
    /// <param name="isBeforeGreeting">The client does not know yet that errors have a state.</param>
    public static ErrorPacket Of(LoginException failure, bool isBeforeGreeting)
    {
        var (number, state) = failure.Error switch
        {
            LoginError.ToolUnsupported or LoginError.DatabaseUnsupported => (1251, "08004"), // ER_NOT_SUPPORTED_AUTH_MODE
            LoginError.WrongLocalPassword => (AccessDenied, "28000"),
            LoginError.NoTls or LoginError.CertificateRefused => (2026, "HY000"), // CR_SSL_CONNECTION_ERROR
            LoginError.DatabaseGone => (1158, "08S01"), // ER_NET_READ_ERROR
            LoginError.TimedOut => (1159, "08S01"), // ER_NET_READ_INTERRUPTED
            LoginError.ProtocolError => (1043, "08S01"), // ER_HANDSHAKE_ERROR
            _ => (1105, "HY000"), // ER_UNKNOWN_ERROR
        };
        return new ErrorPacket((ushort)number, isBeforeGreeting ? "" : state, $"RDS Tunnel: {failure.Message}");
    }

    /// <summary>What the database says, for the tool, and in our words for the log and the state.</summary>
    /// <exception cref="MalformedPacketException">It is no error.</exception>
    public static RefusedException Of(Packet packet, DatabaseCredentials? credentials)
    {
        var error = ErrorPacket.Read(packet.Payload.Span);
        return new RefusedException(packet.Payload, By(error, credentials)) { IsAboutThePassword = IsAboutThePassword(error) };
    }

    private static LoginException By(ErrorPacket error, DatabaseCredentials? credentials) =>
        new(
            LoginError.DatabaseRefused,
            $"The database refused the sign-in: {Words(error.Number)} (error {error.Number}{(error.State.Length > 0 ? $", {error.State}" : "")})."
        )
        {
            Hint = Hint(error.Number) ?? (IsAboutThePassword(error) ? credentials?.Hint : null),
        };

    /// <summary>User or password are wrong: they need not be tried again.</summary>
    private static bool IsAboutThePassword(ErrorPacket error) => error.Number is AccessDenied or AccessDeniedWithoutPassword;

    private static string Words(ushort number) =>
        number switch
        {
            1040 => "it has too many connections",
            1044 => "the user isn't allowed to use this database",
            AccessDenied or AccessDeniedWithoutPassword => "access denied for this user",
            1049 => "there is no such database",
            1129 => "it has blocked the jump host after failed connections",
            1130 => "the user isn't allowed to connect from the jump host",
            1203 or 1226 => "the user has too many connections",
            1820 or 1862 => "the password has expired",
            3118 or 4151 => "the account is locked",
            3159 => "the user has to connect over TLS",
            _ => "see the tool's error message",
        };

    private static string? Hint(ushort number) =>
        number switch
        {
            1129 => "Run FLUSH HOSTS on the database, or mysqladmin flush-hosts.",
            1130 => "Create the user for the jump host's address, or for any host ('user'@'%').",
            _ => null,
        };
}
