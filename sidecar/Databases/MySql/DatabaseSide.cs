namespace RdsTunnel.Databases.MySql;

/// <summary>One connection to the database, from its greeting to its last word on the sign-in. Not thread-safe.</summary>
internal sealed class DatabaseSide : IAsyncDisposable
{
    /// <summary>A switch, a question and the verdict are three. A server that goes on asking is none.</summary>
    private const int MaxRounds = 8;

    private PacketStream _packets;
    private byte _sequence;

    private DatabaseSide(PacketStream packets, Packet first)
    {
        _packets = packets;
        First = first;
        _sequence = (byte)(first.Sequence + 1);
    }

    /// <summary>A greeting, or an error: too many connections, host blocked.</summary>
    public Packet First { get; }

    public Stream Stream => _packets.Stream;

    /// <summary>What follows the sign-in.</summary>
    /// <param name="request">What the database was told.</param>
    public Stream StreamFor(HandshakeResponse request) =>
        request.Capabilities.HasFlag(Capability.Compress) ? new CompressedStream(Stream) : Stream;

    /// <exception cref="LoginException"/>
    public static async Task<DatabaseSide> DialAsync(DialDatabase dial, TimeProvider time, CancellationToken cancellationToken)
    {
        var stream = await dial(cancellationToken).ConfigureAwait(false);
        try
        {
            var packets = new PacketStream(stream);
            var first = await Patience
                .WithinAsync(cancel => packets.ReadAsync(mayBeEmpty: false, cancel), "The database didn't greet", time, cancellationToken)
                .ConfigureAwait(false);
            return new DatabaseSide(packets, first);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Greeting ReadGreeting()
    {
        var greeting = Greeting.Read(First.Payload.Span);
        return greeting.Capabilities.HasFlag(Capability.Ssl)
            ? greeting
            : throw new LoginException(
                LoginError.NoTls,
                "The database doesn't support TLS, so no password is sent to it. Turn on TLS for the database, or open the tunnel without a login."
            );
    }

    /// <summary>From here on everything goes over TLS.</summary>
    public async Task StartTlsAsync(HandshakeResponse response, Login login, CancellationToken cancellationToken)
    {
        using var writer = new PayloadWriter();
        response.WriteSslRequest(writer);
        await WriteAsync(writer.Written, cancellationToken).ConfigureAwait(false);
        _packets = new PacketStream(
            await DatabaseTls.AuthenticateAsync(Stream, login, protocol: null, cancellationToken).ConfigureAwait(false)
        );
    }

    /// <summary>Answers whatever the server asks, until it says yes or no.</summary>
    /// <returns>That word: an OK or an error.</returns>
    /// <exception cref="MalformedPacketException"/>
    /// <exception cref="LoginException">It asks for what is not spoken here.</exception>
    public async Task<Packet> SignInAsync(
        HandshakeResponse tool,
        Greeting greeting,
        DatabaseCredentials credentials,
        CancellationToken cancellationToken
    )
    {
        var plugin = Plugins.CanFollowAGreeting(greeting.Plugin) ? greeting.Plugin : Plugins.Native;
        using (var answer = new PayloadWriter())
        {
            Plugins.WriteAnswer(answer, plugin, greeting.Nonce, credentials.Password.Span);
            var response = tool with { User = UserName.In(tool.Charset, credentials.User), Plugin = plugin, Answer = answer.Written };
            await SendAsync(response.Write, cancellationToken).ConfigureAwait(false);
        }

        byte[]? scramble = null; // parsec's, until it is signed
        for (var round = 0; round < MaxRounds; round++)
        {
            var packet = await ReadAsync(cancellationToken).ConfigureAwait(false);
            switch (packet)
            {
                case { IsOk: true } or { IsError: true }:
                    return packet;
                case { IsAuthSwitch: true }:
                    var request = AuthSwitchRequest.Read(packet.Payload.Span);
                    plugin = Plugins.AreSpoken(request.Plugin) ? request.Plugin : throw Unsupported(request.Plugin);
                    await SendAsync(
                            writer => Plugins.WriteAnswer(writer, plugin, request.Data, credentials.Password.Span),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                    scramble = plugin == Plugins.Parsec ? request.Data : null;
                    break;
                case var _ when scramble is not null:
                    var server = scramble;
                    await SendAsync(
                            writer => ParsecAnswer.Write(writer, server, packet.Payload.Span, credentials.Password.Span),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                    scramble = null;
                    break;
                case var _ when plugin == Plugins.CachingSha2 && Plugins.IsFastAuthSucceeded(packet):
                    break;
                case var _ when plugin == Plugins.CachingSha2 && Plugins.IsPasswordWanted(packet):
                    await SendAsync(writer => writer.ZeroTerminated(credentials.Password.Span), cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw new MalformedPacketException("the server asks for something that the sign-in doesn't have");
            }
        }

        throw new MalformedPacketException("the server never ends the sign-in");
    }

    public async Task<Packet> ReadAsync(CancellationToken cancellationToken)
    {
        var packet = await _packets.ReadAsync(mayBeEmpty: false, cancellationToken).ConfigureAwait(false);
        if (packet.Sequence != _sequence)
        {
            throw new MalformedPacketException("a packet is out of sequence");
        }

        _sequence++;
        return packet;
    }

    public async Task SendAsync(Action<PayloadWriter> write, CancellationToken cancellationToken)
    {
        using var writer = new PayloadWriter();
        write(writer);
        await WriteAsync(writer.Written, cancellationToken).ConfigureAwait(false);
    }

    public Task WriteAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        _packets.WriteAsync(new Packet(_sequence++, payload), cancellationToken);

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private static LoginException Unsupported(string plugin) =>
        new(
            LoginError.DatabaseUnsupported,
            $"The database wants this user to sign in with {plugin}, which logins don't support. They support {Plugins.CachingSha2}, {Plugins.Native}, {Plugins.Sha256}, {Plugins.ClientEd25519}, {Plugins.Parsec} and {Plugins.ClearText} (IAM). Give the user one of these, or use the login tls, with which the tool signs in itself."
        );
}
