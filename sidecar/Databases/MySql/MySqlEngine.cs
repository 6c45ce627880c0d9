namespace RdsTunnel.Databases.MySql;

/// <summary>MySQL and MariaDB. The server greets first, and what it can do is what the tool is
/// offered; so the database is dialled before the tool has said a word.</summary>
public sealed class MySqlEngine(TimeProvider time) : IDatabaseEngine
{
    /// <summary>A server gives up a connection that is not signed in after <c>connect_timeout</c>,
    /// 10 s unless it is set otherwise. An older one is replaced.</summary>
    private static readonly TimeSpan GreetingIsFresh = TimeSpan.FromSeconds(5);

    public async Task<Stream?> SignInAsync(Stream tool, DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        await using var toolSide = new ToolSide(tool, cancellationToken);
        try
        {
            return await SignInAsync(toolSide, dial, login, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ToolGoneException && !cancellationToken.IsCancellationRequested)
        {
            var failure = e is MalformedPacketException malformed ? ProtocolError(malformed) : LoginException.From(e);
            if (failure.Error is not (LoginError.NotTheProtocol or LoginError.DatabaseRefused))
            {
                await toolSide.RefuseAsync(failure, cancellationToken).ConfigureAwait(false);
            }

            throw failure;
        }
    }

    private async Task<Stream> SignInAsync(ToolSide tool, DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        var database = await tool.WhileSilentAsync(cancel => DatabaseSide.DialAsync(dial, time, cancel)).ConfigureAwait(false);
        try
        {
            var dialled = time.GetTimestamp();
            var greeting = await GreetingOfAsync(database, tool, cancellationToken).ConfigureAwait(false);
            if (login.Credentials is not { } source)
            {
                return await Patience
                    .WithinAsync(
                        cancel => TlsOnly.SignInAsync(tool, database, greeting, login, cancel),
                        "The tool didn't complete the sign-in",
                        time,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }

            var forTool = ForTool(greeting, login);
            var response = await Patience
                .WithinAsync(
                    cancel => tool.GreetAsync(forTool, login.StartLocalTls, cancel),
                    "The tool didn't answer the greeting",
                    time,
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (login.LocalPassword is { } local)
            {
                response = await LocalSignIn.RequireAsync(tool, response, forTool, local, time, cancellationToken).ConfigureAwait(false);
            }

            using var credentials = await source.GetAsync(cancellationToken).ConfigureAwait(false);
            if (time.GetElapsedTime(dialled) > GreetingIsFresh)
            {
                await database.DisposeAsync().ConfigureAwait(false);
                database = await DatabaseSide.DialAsync(dial, time, cancellationToken).ConfigureAwait(false);
                greeting = await GreetingOfAsync(database, tool, cancellationToken).ConfigureAwait(false);
            }

            var request = ForDatabase(response, greeting, login);
            var verdict = await Patience
                .WithinAsync(
                    async cancel =>
                    {
                        await database.StartTlsAsync(request, login, cancel).ConfigureAwait(false);
                        return await database.SignInAsync(request, greeting, credentials, cancel).ConfigureAwait(false);
                    },
                    "The database didn't complete the sign-in",
                    time,
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (verdict.IsError)
            {
                var error = ErrorPacket.Read(verdict.Payload.Span);
                if (Refusals.IsAboutThePassword(error))
                {
                    source.OnRefused();
                }

                await tool.WriteAsync(verdict.Payload, cancellationToken).ConfigureAwait(false);
                throw Refusals.By(error, credentials);
            }

            return await Patience
                .WithinAsync(
                    async cancel =>
                    {
                        await tool.AdmitAsync(response, verdict.Payload, cancel).ConfigureAwait(false);
                        return database.StreamFor(request);
                    },
                    "The tool didn't complete the sign-in",
                    time,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A server that has no room, or wants nothing of this host, says so in place of its greeting.
    private static async Task<Greeting> GreetingOfAsync(DatabaseSide database, ToolSide tool, CancellationToken cancellationToken)
    {
        if (!database.First.IsError)
        {
            return database.ReadGreeting();
        }

        await tool.WriteAsync(database.First.Payload, cancellationToken).ConfigureAwait(false);
        throw Refusals.By(ErrorPacket.Read(database.First.Payload.Span), credentials: null);
    }

    // A plugin that the server's clients have, and that wants an answer of hashes: no tool should send its password here.
    private static Greeting ForTool(Greeting server, Login login) =>
        server with
        {
            Capabilities =
                (server.Capabilities & ~Capability.NotForTools) | (login.StartLocalTls is null ? Capability.None : Capability.Ssl),
            Nonce = Greeting.NewNonce(),
            Plugin = server.Plugin is Plugins.CachingSha2 ? Plugins.CachingSha2 : Plugins.Native,
        };

    private static HandshakeResponse ForDatabase(HandshakeResponse tool, Greeting server, Login login) =>
        tool with
        {
            Capabilities =
                tool.Capabilities
                | (
                    server.Capabilities
                    & (
                        Capability.Ssl
                        | Capability.SecureConnection
                        | Capability.PluginAuth
                        | Capability.PluginAuthLengthEncoded
                        | CompressionOf(login)
                    )
                ),
        };

    // zlib, which every server has that has zstd as well, unless somebody has turned it off.
    internal static Capability CompressionOf(Login login) => login.Compress ? Capability.Compress : Capability.None;

    private static LoginException ProtocolError(MalformedPacketException e) =>
        new(
            LoginError.ProtocolError,
            $"The database's answer isn't MySQL's protocol: {e.Message}. Check the tunnel's host, port and engine.",
            e
        );
}
