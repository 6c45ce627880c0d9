using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace RdsTunnel.Emulator.AwsProxy;

/// <summary>The first exchange on a connection to the proxy. What follows is TLS, and comes to this server under AWS's own names.</summary>
/// <remarks><code>
/// CONNECT sts.eu-west-1.amazonaws.com:443 HTTP/1.1
/// Proxy-Authorization: Basic amFuZTpzZWNyZXQ=
/// </code></remarks>
/// <param name="credentials"><c>user:password</c>; null when everybody may use it.</param>
internal sealed class ConnectProxy(string? credentials)
{
    private const int MaxRequestBytes = 16 * 1024;

    private static readonly byte[] EndOfRequest = "\r\n\r\n"u8.ToArray();

    private readonly ConcurrentDictionary<string, bool> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names that clients have asked for so far.</summary>
    public IReadOnlyCollection<string> Hosts => [.. _hosts.Keys.Order(StringComparer.Ordinal)];

    public async Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (await ReadRequestAsync(connection.Transport.Input, connection.ConnectionClosed).ConfigureAwait(false) is not { } request)
        {
            return;
        }

        var refusal = Refusal(request);
        await connection
            .Transport.Output.WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 {refusal ?? "200 Connection established"}\r\n{(refusal is null ? "" : "Content-Length: 0\r\nConnection: close\r\n")}\r\n"
                ),
                connection.ConnectionClosed
            )
            .ConfigureAwait(false);
        if (refusal is null)
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    // Also what is no name of AWS is refused: from here nothing reaches anybody else.
    private string? Refusal(string[] request)
    {
        if (request[0].Split(' ') is not ["CONNECT", var authority, _] || authority.Split(':') is not [var host, "443"])
        {
            return "405 Method Not Allowed";
        }

        if (
            credentials is not null
            && !request.Contains(
                $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}",
                StringComparer.OrdinalIgnoreCase
            )
        )
        {
            return "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"local\"";
        }

        if (!AwsNames.IsAws(host))
        {
            return "403 Forbidden";
        }

        _hosts[host] = true;
        return null;
    }

    private static async Task<string[]?> ReadRequestAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (Find(result.Buffer) is { } end)
            {
                var text = Encoding.ASCII.GetString(result.Buffer.Slice(0, end));
                input.AdvanceTo(end);
                return text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted || result.Buffer.Length > MaxRequestBytes)
            {
                return null;
            }
        }
    }

    private static SequencePosition? Find(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        return reader.TryReadTo(out ReadOnlySequence<byte> _, EndOfRequest, advancePastDelimiter: true) ? reader.Position : null;
    }
}
