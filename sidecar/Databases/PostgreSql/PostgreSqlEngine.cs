using System.Net.Security;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>PostgreSQL, protocol 3: RDS, Aurora, RDS Proxy, DSQL, Redshift.</summary>
/// <remarks><see href="https://www.postgresql.org/docs/current/protocol-flow.html"/></remarks>
public sealed class PostgreSqlEngine(TimeProvider time) : IDatabaseEngine
{
    /// <summary>What a tool names by ALPN that begins with TLS.</summary>
    public static SslApplicationProtocol Protocol => PostgreSqlTls.Protocol;

    private readonly PostgreSqlTls _tls = new(time);

    public async Task<Stream?> SignInAsync(Stream tool, DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        var client = new ToolConnection(tool);
        var startup = await Patience
            .WithinAsync(
                token => ToolStartup.ReadAsync(client, login, token),
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
            if (startup.Kind != StartupKind.Cancel)
            {
                var words = e is RefusedException refused ? refused.Answer : ErrorResponse.For(failure);
                await client.WriteAsync(words, cancellationToken).ConfigureAwait(false);
            }

            throw failure;
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

        return login.Credentials is { } source
            ? await SecondTry
                .RunAsync(
                    source,
                    (credentials, token) =>
                        ConnectAsync(tool, startup.For(credentials.WithoutZeros().User), credentials, dial, login, token),
                    cancellationToken
                )
                .ConfigureAwait(false)
            : await ConnectAsync(tool, startup.Bytes, credentials: null, dial, login, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Stream> ConnectAsync(
        ToolConnection tool,
        ReadOnlyMemory<byte> startup,
        DatabaseCredentials? credentials,
        DialDatabase dial,
        Login login,
        CancellationToken cancellationToken
    )
    {
        var database = await _tls.ConnectAsync(dial, login, cancellationToken).ConfigureAwait(false);
        return await Patience
            .WithinAsync(
                async token =>
                {
                    try
                    {
                        await database.WriteAsync(startup, token).ConfigureAwait(false);
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
                    catch
                    {
                        await database.DisposeAsync().ConfigureAwait(false);
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
}
