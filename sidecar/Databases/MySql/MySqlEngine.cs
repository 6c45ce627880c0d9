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
            if (failure.Error is not LoginError.NotTheProtocol)
            {
                await toolSide.RefuseAsync(failure, (e as RefusedException)?.Answer, cancellationToken).ConfigureAwait(false);
            }

            throw failure;
        }
    }

    private async Task<Stream> SignInAsync(ToolSide tool, DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        var database = await tool.WhileSilentAsync(cancel => DatabaseSide.DialAsync(dial, time, cancel)).ConfigureAwait(false);
        try
        {
            var greeted = time.GetTimestamp();
            var greeting = GreetingOf(database);
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
            var given = await Patience
                .WithinAsync(
                    cancel => tool.GreetAsync(forTool, login.StartLocalTls, cancel),
                    "The tool didn't answer the greeting",
                    time,
                    cancellationToken
                )
                .ConfigureAwait(false);
            // A password in clear text waits for nothing but the OK.
            var (response, nonce) =
                login.LocalPassword is null && given.Plugin == Plugins.ClearText
                    ? (given, [])
                    : await ToolPlugin.SettleAsync(tool, given, forTool, time, cancellationToken).ConfigureAwait(false);
            if (login.LocalPassword is { } local)
            {
                await LocalSignIn.RequireAsync(response, nonce, local, cancellationToken).ConfigureAwait(false);
            }

            var isUsed = false;
            return await SecondTry
                .RunAsync(
                    source,
                    async (credentials, cancel) =>
                    {
                        if (isUsed || time.GetElapsedTime(greeted) > GreetingIsFresh)
                        {
                            await database.DisposeAsync().ConfigureAwait(false);
                            database = await DatabaseSide.DialAsync(dial, time, cancel).ConfigureAwait(false);
                            greeting = GreetingOf(database);
                        }

                        isUsed = true;
                        var request = ForDatabase(response, greeting, login);
                        var ok = await SignInAsync(database, request, greeting, login, credentials, cancel).ConfigureAwait(false);
                        await tool.AdmitAsync(response, ok, cancel).ConfigureAwait(false);
                        return database.StreamFor(request);
                    },
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

    /// <returns>The database's OK.</returns>
    private async Task<ReadOnlyMemory<byte>> SignInAsync(
        DatabaseSide database,
        HandshakeResponse request,
        Greeting greeting,
        Login login,
        DatabaseCredentials credentials,
        CancellationToken cancellationToken
    )
    {
        var verdict = await Patience
            .WithinAsync(
                async cancel =>
                {
                    await database.StartTlsAsync(request, login, cancel).ConfigureAwait(false);
                    return await database.SignInAsync(request, greeting, credentials.WithoutZeros(), cancel).ConfigureAwait(false);
                },
                "The database didn't complete the sign-in",
                time,
                cancellationToken
            )
            .ConfigureAwait(false);
        return verdict.IsError ? throw Refusals.Of(verdict, credentials) : verdict.Payload;
    }

    // A server that has no room, or wants nothing of this host, says so in place of its greeting.
    private static Greeting GreetingOf(DatabaseSide database) =>
        database.First.IsError ? throw Refusals.Of(database.First, credentials: null) : database.ReadGreeting();

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
