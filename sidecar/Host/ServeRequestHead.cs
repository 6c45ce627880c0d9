using System.Text;

namespace RdsTunnel.Host;

/// <summary>The first line and the headers of an HTTP request without a body.</summary>
/// <remarks><code>
/// GET /readiness HTTP/1.1␍␊
/// Host: 127.0.0.1:9090␍␊
/// ␍␊
/// </code></remarks>
/// <param name="Path">Without what follows a question mark.</param>
/// <param name="Host">Without its port.</param>
internal sealed record ServeRequestHead(string Method, string Path, string Host, bool HasOrigin)
{
    public const int MaxBytes = 8 * 1024;

    /// <returns>The request, or the answer to what is none.</returns>
    /// <exception cref="IOException">The connection has ended.</exception>
    public static async Task<(ServeRequestHead? Head, ServeAnswer? Problem)> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBytes];
        var length = 0;
        while (true)
        {
            if (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is var end and >= 0)
            {
                return Parse(buffer.AsSpan(0, end));
            }

            if (length == buffer.Length)
            {
                return (null, new ServeAnswer(431, "The request is too long.\n"));
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            length += read > 0 ? read : throw new EndOfStreamException("The connection ended within a request.");
        }
    }

    /// <param name="head">Without the empty line at its end.</param>
    public static (ServeRequestHead? Head, ServeAnswer? Problem) Parse(ReadOnlySpan<byte> head)
    {
        if (!IsText(head))
        {
            return Bad("has characters that don't belong there");
        }

        var lines = Encoding.ASCII.GetString(head).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, ['/', ..] target, ['H', 'T', 'T', 'P', '/', .. var version]])
        {
            return Bad("doesn't begin with a method, a path and HTTP/1.1");
        }

        if (version is not ("1.1" or "1.0"))
        {
            return (null, new ServeAnswer(505, "Only HTTP/1.1 is spoken here.\n"));
        }

        string? host = null;
        var hasOrigin = false;
        foreach (var line in lines.AsSpan(1))
        {
            // No space before the colon, and no line that goes on: others would read it differently.
            if (line.IndexOf(':', StringComparison.Ordinal) is not (var colon and > 0) || line.AsSpan(0, colon).ContainsAny(' ', '\t'))
            {
                return Bad("has a header that is none");
            }

            var value = line[(colon + 1)..].Trim();
            switch (line[..colon].ToUpperInvariant())
            {
                case "HOST" when host is not null:
                    return Bad("has two Host headers");
                case "HOST":
                    host = WithoutPort(value);
                    break;
                case "ORIGIN" or "SEC-FETCH-SITE":
                    hasOrigin = true;
                    break;
                case "TRANSFER-ENCODING":
                case "CONTENT-LENGTH" when value != "0":
                    return (null, new ServeAnswer(413, "Send no body.\n"));
            }
        }

        return host is null ? Bad("has no Host header") : (new ServeRequestHead(method, target.Split('?')[0], host, hasOrigin), null);
    }

    // [::1]:9090
    private static string WithoutPort(string host) =>
        host.StartsWith('[') ? host[..(host.IndexOf(']', StringComparison.Ordinal) + 1)] : host.Split(':')[0];

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        for (var i = 0; i < head.Length; i++)
        {
            var isEnd = head[i] == '\r' && i + 1 < head.Length && head[i + 1] == '\n';
            if (isEnd)
            {
                i++;
            }
            else if (head[i] is not ((byte)'\t' or (>= (byte)' ' and <= (byte)'~')))
            {
                return false;
            }
        }

        return true;
    }

    private static (ServeRequestHead?, ServeAnswer?) Bad(string what) => (null, new ServeAnswer(400, $"The request {what}.\n"));
}
