using System.Net.Security;
using System.Text;
using RdsTunnel.Databases.Redis.Cluster;
using RdsTunnel.Databases.Redis.Protocol;

namespace RdsTunnel.Databases.Redis;

/// <summary>Redis and Valkey: ElastiCache, MemoryDB. Both versions of the protocol, RESP2 and RESP3.</summary>
/// <remarks>The client speaks first, and says who it is when it likes: with AUTH, with HELLO, or
/// not at all. Here it is signed in with its first command, whichever that
/// is. A sign-in of the tool's own is answered as if it had been right, as long as nothing else has been said.</remarks>
/// <param name="isCertain">It is known that tools of this port speak Redis's protocol, and why a line is refused can be
/// told in it.</param>
public sealed class RedisEngine(TimeProvider time, bool isCertain = true) : IDatabaseEngine
{
    public async Task<Stream?> SignInAsync(Stream tool, DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        var client = new ToolConnection(tool);
        var commands = new ToolCommands(client, isCertain);
        var first = await commands.ReadFirstAsync(time, cancellationToken).ConfigureAwait(false);
        SslStream? database = null;
        try
        {
            if (login.LocalPassword is { } local)
            {
                (first, var given) = await LocalSignIn.ReadAsync(client, commands, first, time, cancellationToken).ConfigureAwait(false);
                await local.RequireAsync(local.Is(given), cancellationToken).ConfigureAwait(false);
            }

            database = await ConnectAsync(dial, login, cancellationToken).ConfigureAwait(false);
            var (stream, next) = login.Credentials is null
                ? (database, first)
                : await new Opening(client, commands, time).RunAsync(first, database, cancellationToken).ConfigureAwait(false);
            if (login.Peers is not null)
            {
                var again = login.Credentials is { } source ? new SignInAgain(token => AuthAsync(source, token)) : null;
                stream = new ClusterStream(stream, login.Peers, again);
            }

            if (next is not null)
            {
                await stream.WriteAsync(next.Bytes, cancellationToken).ConfigureAwait(false);
            }

            return stream;
        }
        catch (Exception e)
        {
            if (database is not null)
            {
                await database.DisposeAsync().ConfigureAwait(false);
            }

            if (e is ToolGoneException || cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            var failure = e is MalformedRespException malformed ? ProtocolError(malformed) : LoginException.From(e);
            var answer =
                (e as RefusedException)?.Answer
                ?? RespWriter.Error(
                    $"RDS Tunnel: {failure.Message}",
                    failure.Error == LoginError.WrongLocalPassword ? Refusals.WrongPassword : RespWriter.AnyError
                );
            await (
                database is null
                    ? LastWords.AnswerAsync(client, commands, first, answer, time, cancellationToken)
                    : client.WriteAsync(answer, cancellationToken)
            ).ConfigureAwait(false);
            throw failure;
        }
    }

    private Task<SslStream> ConnectAsync(DialDatabase dial, Login login, CancellationToken cancellationToken) =>
        login.Credentials is { } source
            ? SecondTry.RunAsync(source, (credentials, token) => ConnectAsync(dial, login, credentials, token), cancellationToken)
            : ConnectAsync(dial, login, credentials: null, cancellationToken);

    private async Task<SslStream> ConnectAsync(
        DialDatabase dial,
        Login login,
        DatabaseCredentials? credentials,
        CancellationToken cancellationToken
    )
    {
        var connection = await dial(cancellationToken).ConfigureAwait(false);
        return await Patience
            .WithinAsync(
                async token =>
                {
                    var database = await DatabaseTls.AuthenticateAsync(connection, login, null, token).ConfigureAwait(false);
                    try
                    {
                        if (credentials is not null)
                        {
                            await SignInAsync(database, credentials, token).ConfigureAwait(false);
                        }

                        return database;
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

    private static async Task SignInAsync(SslStream database, DatabaseCredentials credentials, CancellationToken cancellationToken)
    {
        await RespWriter.SendSecretAsync(database, Auth(credentials), cancellationToken).ConfigureAwait(false);
        var answer = await RespReader.ReadReplyAsync(database, cancellationToken).ConfigureAwait(false);
        if (answer[0] == (byte)'-')
        {
            throw new RefusedException(answer, Refusals.By(answer, credentials))
            {
                IsAboutThePassword = Refusals.IsAboutThePassword(answer),
            };
        }

        if (!answer.AsSpan().SequenceEqual(RespWriter.Ok))
        {
            throw new MalformedRespException("AUTH was answered with something else than OK");
        }
    }

    /// <returns>For the caller to overwrite.</returns>
    private static byte[] Auth(DatabaseCredentials credentials)
    {
        ReadOnlyMemory<byte> auth = "AUTH"u8.ToArray();
        return credentials.HasUser
            ? RespWriter.Command(auth, Encoding.UTF8.GetBytes(credentials.User), credentials.Password)
            : RespWriter.Command(auth, credentials.Password);
    }

    private static async Task<byte[]> AuthAsync(ILoginCredentials source, CancellationToken cancellationToken)
    {
        using var credentials = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        return Auth(credentials);
    }

    private static LoginException ProtocolError(MalformedRespException e) =>
        new(
            LoginError.ProtocolError,
            $"The database's answer isn't Redis's protocol: {e.Message}. Check the tunnel's host, port and engine.",
            e
        );
}
