namespace RdsTunnel.Databases.MySql;

/// <summary>The tool signs in by itself, and the sidecar encrypts: the same words go through, with
/// one more packet (<c>SSLRequest</c>) counted towards the database.</summary>
internal static class TlsOnly
{
    private const int MaxRounds = 8;

    /// <returns>The database's side, once it has said yes.</returns>
    /// <exception cref="LoginException"/>
    /// <exception cref="MalformedPacketException">The database's packets are none.</exception>
    public static async Task<Stream> SignInAsync(
        ToolSide tool,
        DatabaseSide database,
        Greeting greeting,
        Login login,
        CancellationToken cancellationToken
    )
    {
        var response = await tool.GreetAsync(
                greeting with
                {
                    Capabilities = greeting.Capabilities & ~Capability.NotForTools,
                },
                startTls: null,
                cancellationToken
            )
            .ConfigureAwait(false);
        var request = response with
        {
            Capabilities = response.Capabilities | Capability.Ssl | (greeting.Capabilities & MySqlEngine.CompressionOf(login)),
        };
        await database.StartTlsAsync(request, login, cancellationToken).ConfigureAwait(false);
        await database.SendAsync(request.Write, cancellationToken).ConfigureAwait(false);
        var nonce = greeting.Nonce;
        for (var round = 0; round < MaxRounds; round++)
        {
            var packet = await database.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (packet.IsError)
            {
                throw Refusals.Of(packet, credentials: null);
            }

            await tool.WriteAsync(packet.Payload, cancellationToken).ConfigureAwait(false);
            switch (packet)
            {
                case { IsOk: true }:
                    return database.StreamFor(request);
                case var _ when Plugins.IsFastAuthSucceeded(packet):
                    continue;
                case { IsAuthSwitch: true }:
                    nonce = AuthSwitchRequest.Read(packet.Payload.Span).Nonce;
                    break;
            }

            var answer = await tool.ReadNextAsync(cancellationToken).ConfigureAwait(false);
            if (Plugins.IsPasswordWanted(packet) && RsaPassword.IsKeyRequest(answer))
            {
                await RsaPassword.PassOnAsync(tool, database, nonce, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await database.WriteAsync(answer.Payload, cancellationToken).ConfigureAwait(false);
            }
        }

        throw new MalformedPacketException("the server never ends the sign-in");
    }
}
