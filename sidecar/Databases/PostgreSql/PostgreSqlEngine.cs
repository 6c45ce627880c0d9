namespace RdsTunnel.Databases.PostgreSql;

/// <summary>PostgreSQL, protocol 3: RDS, Aurora, RDS Proxy, DSQL, Redshift.</summary>
/// <remarks><see href="https://www.postgresql.org/docs/current/protocol-flow.html"/></remarks>
public sealed class PostgreSqlEngine(TimeProvider time) : IDatabaseEngine
{
    private const byte TlsRecord = 0x16;
    private const byte Yes = (byte)'S';
    private const byte No = (byte)'N';

    /// <summary>A client asks for TLS, and for GSS encryption, at most once each.</summary>
    private const int MaxRequests = 2;

    private readonly PostgreSqlTls _tls = new(time);

    public async Task<Stream?> SignInAsync(Stream tool, DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        var client = new ToolConnection(tool);
        var startup = await Patience
            .WithinAsync(
                token => ReadStartupAsync(client, login, token),
                "A program connected, but didn't begin to sign in",
                time,
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            if (startup.Kind == StartupKind.Cancel)
            {
                await CancelAsync(startup, dial, login, cancellationToken).ConfigureAwait(false);
                return null;
            }

            return await SignInAsync(client, startup, dial, login, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ToolGoneException && !cancellationToken.IsCancellationRequested)
        {
            var failure = LoginException.From(e);
            if (startup.Kind != StartupKind.Cancel && failure.Error != LoginError.DatabaseRefused)
            {
                await client.WriteAsync(ErrorResponse.For(failure), cancellationToken).ConfigureAwait(false);
            }

            throw failure;
        }
    }

    private static async Task<StartupPacket> ReadStartupAsync(ToolConnection tool, Login login, CancellationToken cancellationToken)
    {
        var isEncrypted = false;
        for (var requests = 0; ; requests++)
        {
            var header = new byte[StartupPacket.HeaderBytes];
            await tool.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
            if (header[0] == TlsRecord)
            {
                throw new LoginException(
                    LoginError.ToolUnsupported,
                    "A program began with TLS on the local port. Set sslmode=disable in the program, as the sidecar encrypts the connection to the database; or open the tunnel with localTls, and set sslnegotiation=postgres."
                );
            }

            if (StartupPacket.RestOf(header) is not { } rest)
            {
                throw NotPostgreSql();
            }

            var bytes = new byte[header.Length + rest];
            header.CopyTo(bytes, 0);
            await tool.ReadExactlyAsync(bytes.AsMemory(header.Length), cancellationToken).ConfigureAwait(false);
            var packet = StartupPacket.Parse(bytes);
            switch (packet.Kind)
            {
                case StartupKind.Startup or StartupKind.Cancel:
                    return packet;
                case StartupKind.TlsRequest when login.StartLocalTls is { } start && !isEncrypted:
                    isEncrypted = true;
                    await tool.WriteAsync(new[] { Yes }, cancellationToken).ConfigureAwait(false);
                    await tool.EncryptAsync(start, cancellationToken).ConfigureAwait(false);
                    break;
                case StartupKind.TlsRequest or StartupKind.GssRequest when requests < MaxRequests:
                    await tool.WriteAsync(new[] { No }, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw NotPostgreSql();
            }
        }
    }

    private async Task<Stream> SignInAsync(
        ToolConnection tool,
        StartupPacket startup,
        DialDatabase dial,
        Login login,
        CancellationToken cancellationToken
    )
    {
        if (login.LocalPassword is { } local)
        {
            await ToolSignIn.RequireAsync(tool, local, time, cancellationToken).ConfigureAwait(false);
        }

        // The credentials first: a person may have to sign in, and no database waits so long.
        using var credentials = login.Credentials is { } source ? await source.GetAsync(cancellationToken).ConfigureAwait(false) : null;
        var database = await _tls.ConnectAsync(dial, login, cancellationToken).ConfigureAwait(false);
        return await Patience
            .WithinAsync(
                async token =>
                {
                    try
                    {
                        await database
                            .WriteAsync(credentials is null ? startup.Bytes : startup.For(credentials.User), token)
                            .ConfigureAwait(false);
                        await database.FlushAsync(token).ConfigureAwait(false);
                        var exchange = new PostgreSqlSignIn(tool, database);
                        await (
                            credentials is null ? exchange.PassFirstAnswerAsync(token) : exchange.RunAsync(credentials, token)
                        ).ConfigureAwait(false);
                        if (exchange.ServerVersion is { } version)
                        {
                            _tls.OnVersion(version);
                        }

                        return (Stream)database;
                    }
                    catch (Exception e)
                    {
                        await database.DisposeAsync().ConfigureAwait(false);
                        if (credentials is not null && e is LoginException { Error: LoginError.DatabaseRefused })
                        {
                            login.Credentials!.OnRefused();
                        }

                        throw;
                    }
                },
                "The database didn't complete the sign-in",
                time,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async Task CancelAsync(StartupPacket request, DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        await using var database = await _tls.ConnectAsync(dial, login, cancellationToken).ConfigureAwait(false);
        await Patience
            .WithinAsync(
                async token =>
                {
                    await database.WriteAsync(request.Bytes, token).ConfigureAwait(false);
                    await database.FlushAsync(token).ConfigureAwait(false);
                    // It closes the connection once it has done so; there is no answer.
                    await database.ReadAsync(new byte[1], token).ConfigureAwait(false);
                    return true;
                },
                "The database didn't take a cancel request",
                time,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private static LoginException NotPostgreSql() =>
        new(
            LoginError.NotTheProtocol,
            "A program that doesn't speak PostgreSQL's protocol was disconnected. Only database tools can use this port, no browser."
        );
}
