using System.Net.Security;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>What a tool says first: whether it wants encryption, then who it is, or what is to be cancelled.</summary>
internal static class ToolStartup
{
    private const byte TlsRecord = 0x16;
    private const byte Yes = (byte)'S';
    private const byte No = (byte)'N';

    /// <summary>A client asks for TLS, and for GSS encryption, at most once each.</summary>
    private const int MaxRequests = 2;

    /// <returns>A startup message or a cancel request.</returns>
    /// <exception cref="LoginException">It is neither. The tool has been told, if it speaks the protocol.</exception>
    /// <exception cref="ToolGoneException"/>
    public static async Task<StartupPacket> ReadAsync(ToolConnection tool, Login login, CancellationToken cancellationToken)
    {
        var isEncrypted = false;
        for (var requests = 0; ; requests++)
        {
            var header = new byte[StartupPacket.HeaderBytes];
            await tool.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
            if (header[0] == TlsRecord)
            {
                await EncryptAtOnceAsync(tool, header, isEncrypted ? null : login.StartLocalTls, cancellationToken).ConfigureAwait(false);
                isEncrypted = true;
                continue;
            }

            if (StartupPacket.RestOf(header) is not { } rest)
            {
                throw StartupPacket.IsOfAnotherVersion(header)
                    ? await RefuseAsync(
                            tool,
                            "The program's startup message isn't one of PostgreSQL's protocol 3, or is longer than PostgreSQL allows (10,000 bytes).",
                            cancellationToken
                        )
                        .ConfigureAwait(false)
                    : NotPostgreSql();
            }

            var bytes = new byte[header.Length + rest];
            header.CopyTo(bytes, 0);
            await tool.ReadExactlyAsync(bytes.AsMemory(header.Length), cancellationToken).ConfigureAwait(false);
            var packet = StartupPacket.Parse(bytes);
            switch (packet.Kind)
            {
                case StartupKind.Startup or StartupKind.Cancel:
                    return packet;
                case StartupKind.Unknown:
                    throw await RefuseAsync(tool, "The program's startup message is malformed.", cancellationToken).ConfigureAwait(false);
                case StartupKind.TlsRequest when login.StartLocalTls is { } start && !isEncrypted:
                    isEncrypted = true;
                    await tool.WriteAsync(new[] { Yes }, cancellationToken).ConfigureAwait(false);
                    await tool.EncryptAsync(start, default, cancellationToken).ConfigureAwait(false);
                    break;
                case StartupKind.TlsRequest or StartupKind.GssRequest when requests < MaxRequests:
                    await tool.WriteAsync(new[] { No }, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw NotPostgreSql();
            }
        }
    }

    // Without a question before it (sslnegotiation=direct). What else begins with TLS does not name the protocol.
    private static async Task EncryptAtOnceAsync(
        ToolConnection tool,
        byte[] first,
        StartLocalTls? start,
        CancellationToken cancellationToken
    )
    {
        if (start is null)
        {
            throw new LoginException(
                LoginError.ToolUnsupported,
                "A program began with TLS on the local port. Set sslmode=disable in the program, as the sidecar encrypts the connection to the database; or open the tunnel with localTls."
            );
        }

        if (
            await tool.EncryptAsync(start, first, cancellationToken).ConfigureAwait(false)
                is not SslStream { NegotiatedApplicationProtocol: var protocol }
            || protocol != PostgreSqlTls.Protocol
        )
        {
            throw NotPostgreSql();
        }
    }

    private static async Task<LoginException> RefuseAsync(ToolConnection tool, string words, CancellationToken cancellationToken)
    {
        var failure = new LoginException(LoginError.ToolUnsupported, words);
        await tool.WriteAsync(ErrorResponse.For(failure), cancellationToken).ConfigureAwait(false);
        return failure;
    }

    private static LoginException NotPostgreSql() =>
        new(
            LoginError.NotTheProtocol,
            "A program that doesn't speak PostgreSQL's protocol was disconnected. Only database tools can use this port, no browser."
        );
}
