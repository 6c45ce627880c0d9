using System.Net.Sockets;

namespace RdsTunnel.Databases.MySql;

/// <summary>The tool's connection. It is read from the first moment on, because whoever speaks
/// before the greeting does not speak MySQL's protocol.</summary>
internal sealed class ToolSide : IAsyncDisposable
{
    private const byte AuthMoreData = 1;
    private const byte FastAuthSucceeded = 3;

    private PacketStream _packets;
    private readonly CancellationTokenSource _end;
    private readonly Task<Packet> _response;
    private byte _sequence;

    public ToolSide(Stream stream, CancellationToken cancellationToken)
    {
        _packets = new PacketStream(stream);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _response = ReadAsync(_end.Token);
    }

    /// <summary>Runs <paramref name="dial"/>, which ends early when the tool speaks or goes.</summary>
    public async Task<DatabaseSide> WhileSilentAsync(Func<CancellationToken, Task<DatabaseSide>> dial)
    {
        using var spoken = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var dialling = dial(spoken.Token);
        await Task.WhenAny(dialling, _response).ConfigureAwait(false);
        if (!_response.IsCompleted)
        {
            return await dialling.ConfigureAwait(false);
        }

        await spoken.CancelAsync().ConfigureAwait(false);
        await ((Task)dialling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (dialling.IsCompletedSuccessfully)
        {
            await (await dialling.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }

        await _response.ConfigureAwait(false);
        throw NotTheProtocol();
    }

    /// <param name="startTls">For a tool that asks for TLS; null where it gets none.</param>
    /// <exception cref="LoginException">It does not speak the protocol, or wants TLS.</exception>
    /// <exception cref="ToolGoneException"/>
    public async Task<HandshakeResponse> GreetAsync(Greeting greeting, StartLocalTls? startTls, CancellationToken cancellationToken)
    {
        await SendAsync(greeting.Write, cancellationToken).ConfigureAwait(false);
        var response = await _response.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (response.Sequence != _sequence)
        {
            throw NotTheProtocol();
        }

        _sequence++;
        if (HandshakeResponse.IsSslRequest(response.Payload.Span))
        {
            _packets = startTls is null
                ? throw new LoginException(
                    LoginError.ToolUnsupported,
                    "This port takes plain text: the tunnel encrypts the connection to the database. Turn off TLS in the tool, or open the tunnel with localTls."
                )
                : new PacketStream(await startTls(_packets.Stream, cancellationToken).ConfigureAwait(false));
            response = await ReadNextAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            // As servers do: a client may set what was not offered, and does not use it then.
            var read = HandshakeResponse.Read(response.Payload.Span);
            return read with { Capabilities = read.Capabilities & ~Capability.NotForTools };
        }
        catch (MalformedPacketException e)
        {
            throw NotTheProtocol(e);
        }
    }

    /// <summary>Whatever the tool has answered, it is welcome.</summary>
    public async Task AdmitAsync(HandshakeResponse response, ReadOnlyMemory<byte> ok, CancellationToken cancellationToken)
    {
        // A client with a password waits for this one before it takes an OK; one without sends nothing, or a zero, and does not.
        if (response is { Plugin: Plugins.CachingSha2, Answer.Length: > 1 })
        {
            await SendAsync(writer => writer.Bytes([AuthMoreData, FastAuthSucceeded]), cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(ok, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="words">The database's own; null where the failure's are told.</param>
    public async Task RefuseAsync(LoginException failure, ReadOnlyMemory<byte>? words, CancellationToken cancellationToken)
    {
        try
        {
            await (
                words is { } own
                    ? WriteAsync(own, cancellationToken)
                    : SendAsync(Refusals.Of(failure, isBeforeGreeting: _sequence == 0).Write, cancellationToken)
            ).ConfigureAwait(false);
        }
        catch (ToolGoneException)
        {
            // Nobody is there to be told; the failure is what counts.
        }
    }

    /// <exception cref="LoginException">It does not speak the protocol.</exception>
    /// <exception cref="ToolGoneException"/>
    public async Task<Packet> ReadNextAsync(CancellationToken cancellationToken)
    {
        var packet = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return packet.Sequence == _sequence++ ? packet : throw NotTheProtocol();
    }

    public async Task SendAsync(Action<PayloadWriter> write, CancellationToken cancellationToken)
    {
        using var writer = new PayloadWriter();
        write(writer);
        await WriteAsync(writer.Written, cancellationToken).ConfigureAwait(false);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            await _packets.WriteAsync(new Packet(_sequence++, payload), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw Gone(e);
        }
    }

    /// <summary>Nobody reads any more when this returns.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await ((Task)_response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task<Packet> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _packets.ReadAsync(mayBeEmpty: true, cancellationToken).ConfigureAwait(false);
        }
        // Only an answer to the greeting has its number: letters are greater.
        catch (PacketTooLongException e) when (_sequence > 0 && e.Sequence == _sequence)
        {
            _sequence++;
            throw new LoginException(
                LoginError.ToolUnsupported,
                "The program's sign-in is too long. MySQL accepts 64 KiB of connection attributes: let the program send fewer.",
                e
            );
        }
        catch (MalformedPacketException e)
        {
            throw NotTheProtocol(e);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            throw Gone(e);
        }
    }

    private static ToolGoneException Gone(Exception e) => new("The tool closed its connection before it was signed in.", e);

    private static LoginException NotTheProtocol(Exception? cause = null) =>
        new(
            LoginError.NotTheProtocol,
            "A program that doesn't speak MySQL's protocol was disconnected. Only database tools can use this port, no browser.",
            cause
        );
}
