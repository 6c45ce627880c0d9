using System.Text;
using RdsTunnel.Databases.Redis.Protocol;

namespace RdsTunnel.Databases.Redis;

/// <summary>The commands with which a tool begins, each read up to its name: what follows is the
/// database's, unless it is about signing in.</summary>
internal sealed class ToolCommands(ToolConnection tool, bool tellsWhy = true)
{
    /// <summary>Redis itself takes no more from a client that has not signed in.</summary>
    private const int MaxArguments = 10,
        MaxArgumentBytes = 16 * 1024;

    private const int MaxNameBytes = 16;
    private const string PingLine = "PING\r\n";
    private const byte TlsRecord = 0x16;

    /// <summary>A pool may open connections long before it uses one: nobody is hurried to say the
    /// first word, and nothing is done for it before.</summary>
    /// <exception cref="LoginException">It is no command, or one that is not taken. The tool has been told.</exception>
    public async Task<Command> ReadFirstAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var first = new byte[1];
        await tool.ReadExactlyAsync(first, cancellationToken).ConfigureAwait(false);
        switch (first[0])
        {
            case (byte)'*':
                return await Patience
                    .WithinAsync(
                        token => ReadAsync(first[0], token),
                        "A program connected, but didn't complete its first command",
                        time,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            case TlsRecord:
                throw new LoginException(
                    LoginError.ToolUnsupported,
                    "A program asked for TLS on the local port, which a tunnel with a login doesn't offer. Turn off TLS in the program; the sidecar encrypts the connection to the database."
                );
            case (>= (byte)'A' and <= (byte)'Z') or (>= (byte)'a' and <= (byte)'z'):
                return await Patience
                        .WithinAsync(
                            token => ReadPingAsync(first[0], token),
                            "A program connected, but didn't complete its first command",
                            time,
                            cancellationToken
                        )
                        .ConfigureAwait(false)
                    ?? throw await RefuseLineAsync(cancellationToken).ConfigureAwait(false);
            default:
                throw NotRedis();
        }
    }

    // "PING" alone is what checks of health and redis-benchmark send as a line. No line of HTTP is so short.
    private async Task<Command?> ReadPingAsync(byte first, CancellationToken cancellationToken)
    {
        var line = new byte[PingLine.Length];
        line[0] = first;
        for (var i = 0; i < line.Length; i++)
        {
            if (i > 0)
            {
                await tool.ReadExactlyAsync(line.AsMemory(i, 1), cancellationToken).ConfigureAwait(false);
            }

            if (char.ToUpperInvariant((char)line[i]) != PingLine[i])
            {
                return null; // it is not looked at any further
            }
        }

        return new Command(line, 1, 4, "PING");
    }

    // Redis would take HTTP's lines as commands. The answer says nothing of the database.
    private async Task<LoginException> RefuseLineAsync(CancellationToken cancellationToken)
    {
        if (!tellsWhy)
        {
            return NotRedis();
        }

        var refusal = new LoginException(
            LoginError.ToolUnsupported,
            "Commands as plain lines aren't accepted, because web pages could send them, too. Use a Redis client, for example redis-cli."
        );
        await tool.WriteAsync(RespWriter.Error($"RDS Tunnel: {refusal.Message}"), cancellationToken).ConfigureAwait(false);
        return refusal;
    }

    /// <summary>A command whose first byte is there already.</summary>
    /// <exception cref="LoginException">It is none.</exception>
    public async Task<Command> ReadAsync(byte first, CancellationToken cancellationToken)
    {
        byte[] count = [first, .. await ReadLineAsync(cancellationToken).ConfigureAwait(false)];
        if (NumberOf(count, '*', int.MaxValue) is not (> 0 and var arguments))
        {
            throw NotRedis();
        }

        var length = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        var nameBytes = NumberOf(length, '$', int.MaxValue) ?? throw NotRedis();
        if (nameBytes > MaxNameBytes)
        {
            return new Command([.. count, .. length], arguments, nameBytes, "");
        }

        var name = new byte[nameBytes + 2];
        await tool.ReadExactlyAsync(name, cancellationToken).ConfigureAwait(false);
        return new Command(
            [.. count, .. length, .. name],
            arguments,
            nameBytes,
            Encoding.ASCII.GetString(name.AsSpan(0, nameBytes)).ToUpperInvariant()
        );
    }

    /// <summary>What follows a command's name.</summary>
    /// <exception cref="LoginException">It is too much, or malformed.</exception>
    public async Task<IReadOnlyList<byte[]>> ReadArgumentsAsync(Command command, CancellationToken cancellationToken)
    {
        if (command.Known is { } known)
        {
            return known;
        }

        if (command.Arguments > MaxArguments)
        {
            throw TooLong();
        }

        var arguments = new List<byte[]>();
        while (arguments.Count < command.Arguments - 1)
        {
            var length = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
            var bytes = NumberOf(length, '$', MaxArgumentBytes) ?? throw TooLong();
            var argument = new byte[bytes + 2];
            await tool.ReadExactlyAsync(argument, cancellationToken).ConfigureAwait(false);
            arguments.Add(argument[..^2]);
        }

        return arguments;
    }

    /// <summary>Reads over what follows a command's name.</summary>
    /// <exception cref="LoginException">It is malformed.</exception>
    public async Task SkipArgumentsAsync(Command command, CancellationToken cancellationToken)
    {
        if (command.Known is not null)
        {
            return;
        }

        var rest = new byte[MaxArgumentBytes];
        for (var i = command.IsNameRead ? 1 : 0; i < command.Arguments; i++)
        {
            long missing =
                i == 0
                    ? command.NameBytes + 2
                    : (NumberOf(await ReadLineAsync(cancellationToken).ConfigureAwait(false), '$', int.MaxValue) ?? throw NotRedis()) + 2L;
            while (missing > 0)
            {
                var part = (int)Math.Min(missing, rest.Length);
                await tool.ReadExactlyAsync(rest.AsMemory(0, part), cancellationToken).ConfigureAwait(false);
                missing -= part;
            }
        }
    }

    private async Task<byte[]> ReadLineAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await RespReader.ReadLineAsync(tool.ReadExactlyAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (MalformedRespException)
        {
            throw NotRedis();
        }
    }

    private static int? NumberOf(ReadOnlySpan<byte> line, char type, int most) =>
        line[0] == (byte)type && RespReader.TryNumber(line, out var number) && number >= 0 && number <= most ? (int)number : null;

    private static LoginException TooLong() =>
        new(
            LoginError.ToolUnsupported,
            "The program's AUTH or HELLO is malformed, or too long. Leave user and password empty in the program."
        );

    private static LoginException NotRedis() =>
        new(
            LoginError.NotTheProtocol,
            "A program that doesn't speak Redis's protocol was disconnected. Only database tools can use this port, no browser."
        );
}

/// <param name="Bytes">As they came, up to the name.</param>
/// <param name="Arguments">How many there are, its name included.</param>
/// <param name="Name">In capitals; empty for one that is too long to be of interest, and not read then.</param>
internal sealed record Command(byte[] Bytes, int Arguments, int NameBytes, string Name)
{
    /// <summary>What follows the name, once it has been read.</summary>
    public IReadOnlyList<byte[]>? Known { get; init; }

    public bool IsNameRead => Name.Length == NameBytes;
}
