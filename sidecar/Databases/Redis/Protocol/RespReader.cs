using System.Buffers.Text;

namespace RdsTunnel.Databases.Redis.Protocol;

/// <summary>Reads RESP from a stream, and no byte beyond what was asked for.</summary>
/// <remarks><code>
/// + - : , # ( _     a line
/// $ = !             a length as a line, so many bytes, CR LF; -1 for nothing
/// * ~ >             a number as a line, so many values; -1 for nothing
/// %                 so many pairs of values
/// </code><see href="https://redis.io/docs/latest/develop/reference/protocol-spec/"/></remarks>
internal static class RespReader
{
    /// <summary>Redis itself takes no longer line from a client.</summary>
    private const int MaxLineBytes = 64 * 1024;

    /// <summary>The answer to HELLO lists the modules, some hundred bytes each.</summary>
    private const int MaxReplyBytes = 256 * 1024;

    /// <returns>With its end, CR LF.</returns>
    /// <exception cref="MalformedRespException">It is too long.</exception>
    public static async Task<byte[]> ReadLineAsync(
        Func<Memory<byte>, CancellationToken, Task> readExactly,
        CancellationToken cancellationToken
    )
    {
        var line = new List<byte>();
        var one = new byte[1];
        do
        {
            if (line.Count == MaxLineBytes)
            {
                throw new MalformedRespException("a line is too long");
            }

            await readExactly(one, cancellationToken).ConfigureAwait(false);
            line.Add(one[0]);
        } while (one[0] != (byte)'\n');
        return [.. line];
    }

    /// <summary>One reply, whole. What a server pushes in between is none of a sign-in.</summary>
    /// <exception cref="MalformedRespException">It is none, or too long.</exception>
    /// <exception cref="EndOfStreamException">The server has closed the connection.</exception>
    public static async Task<byte[]> ReadReplyAsync(Stream stream, CancellationToken cancellationToken)
    {
        var reply = new List<byte>();
        for (long missing = 1; missing > 0; missing--)
        {
            var line = await ReadLineAsync((memory, token) => stream.ReadExactlyAsync(memory, token).AsTask(), cancellationToken)
                .ConfigureAwait(false);
            reply.AddRange(line);
            long further;
            switch ((char)line[0])
            {
                case '+' or '-' or ':' or ',' or '#' or '(' or '_':
                    further = 0;
                    break;
                case '$' or '=' or '!':
                    further = 0;
                    var length = NumberOf(line);
                    if (length >= 0)
                    {
                        Require(length <= MaxReplyBytes - reply.Count);
                        var bytes = new byte[length + 2];
                        await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
                        reply.AddRange(bytes);
                    }

                    break;
                case '*' or '~' or '>':
                    further = Math.Max(0, NumberOf(line));
                    break;
                case '%':
                    further = Math.Max(0, NumberOf(line)) * 2;
                    break;
                default:
                    throw new MalformedRespException("a reply has no type of RESP");
            }

            missing += further;
            Require(missing <= MaxReplyBytes && reply.Count <= MaxReplyBytes);
        }

        return [.. reply];
    }

    /// <summary>The number behind a line's first byte; -1 where there is nothing.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> line, out long number)
    {
        number = 0;
        return line.Length > 3
            && line[^2] == (byte)'\r'
            && Utf8Parser.TryParse(line[1..^2], out number, out var used)
            && used == line.Length - 3
            && number is >= -1 and <= int.MaxValue;
    }

    private static long NumberOf(ReadOnlySpan<byte> line) =>
        TryNumber(line, out var number) ? number : throw new MalformedRespException("a length is no number");

    private static void Require(bool isBounded)
    {
        if (!isBounded)
        {
            throw new MalformedRespException("a reply is too long");
        }
    }
}

#pragma warning disable CA1032 // nobody outside of the engine sees it
internal sealed class MalformedRespException(string message) : Exception(message);
#pragma warning restore CA1032
