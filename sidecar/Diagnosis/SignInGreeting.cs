using System.Buffers.Binary;
using System.Text;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Diagnosis;

/// <summary>The first words of a tool that connects to a tunnel which signs in for it, as far as the answer to them.</summary>
internal abstract class SignInGreeting
{
    /// <summary>What a database says of itself; more is cut.</summary>
    private const int MaxMessageBytes = 1024;

    public static SignInGreeting Of(int usualPort) =>
        usualPort switch
        {
            3306 => new MySql(),
            6379 => new Redis(),
            _ => new PostgreSql(),
        };

    /// <returns>When the database has taken the user, or asks for a password.</returns>
    /// <exception cref="TunnelException">It has refused.</exception>
    /// <exception cref="NoAnswerException">It is only starting.</exception>
    /// <exception cref="IOException">The connection has ended.</exception>
    public abstract Task SendAsync(Stream stream, string user, string? database, CancellationToken cancellationToken);

    // One line, as it would be shown by the tool itself.
    private static TunnelException Refused(ReadOnlySpan<byte> message) =>
        new(TunnelErrorCode.LoginFailed, ForeignText.Line(Encoding.UTF8.GetString(message)));

    /// <remarks><code>
    /// length of all (4)  00 03 00 00  "user" 00 … 00  ["database" 00 … 00]  00
    /// 'R' … or 'E'  length (4)  'S' severity 00  'C' code 00  'M' message 00 … 00
    /// </code></remarks>
    private sealed class PostgreSql : SignInGreeting
    {
        private const string IsStarting = "57P03";

        public override async Task SendAsync(Stream stream, string user, string? database, CancellationToken cancellationToken)
        {
            var parameters = Encoding.UTF8.GetBytes($"user\0{user}\0{(database is null ? "" : $"database\0{database}\0")}\0");
            var startup = new byte[8 + parameters.Length];
            BinaryPrimitives.WriteInt32BigEndian(startup, startup.Length);
            startup[5] = 3;
            parameters.CopyTo(startup, 8);
            await stream.WriteAsync(startup, cancellationToken).ConfigureAwait(false);

            var header = new byte[5];
            await stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
            if (header[0] != 'E')
            {
                return;
            }

            var body = new byte[Math.Clamp(BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4, 0, MaxMessageBytes)];
            await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
            var (code, message) = (Field(body, 'C'), Field(body, 'M'));
            throw Encoding.ASCII.GetString(code.Span) == IsStarting
                ? new NoAnswerException("The database is starting.")
                : Refused(message.Span);
        }

        private static ReadOnlyMemory<byte> Field(ReadOnlyMemory<byte> body, char name)
        {
            while (body.Length > 1)
            {
                var end = body.Span.IndexOf((byte)0) is var found and >= 0 ? found : body.Length;
                if (end > 0 && body.Span[0] == name)
                {
                    return body[1..end];
                }

                body = body[Math.Min(end + 1, body.Length)..];
            }

            return default;
        }
    }

    /// <remarks><code>
    /// length (3) number (1) capabilities (4) max packet (4) charset (1) 00 × 23  user 00  00  [database 00]
    /// length (3) number (1) 00 or fe …, or ff  code (2)  '#' state (5)  message
    /// </code></remarks>
    private sealed class MySql : SignInGreeting
    {
        private const int Protocol41 = 0x0200;
        private const int SecureConnection = 0x8000;
        private const int ConnectWithDatabase = 0x0008;

        public override async Task SendAsync(Stream stream, string user, string? database, CancellationToken cancellationToken)
        {
            await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
            var names = Encoding.UTF8.GetBytes($"{user}\0\0{(database is null ? "" : $"{database}\0")}");
            var response = new byte[36 + names.Length];
            response[0] = (byte)(response.Length - 4);
            response[1] = (byte)((response.Length - 4) >> 8);
            response[3] = 1;
            BinaryPrimitives.WriteInt32LittleEndian(
                response.AsSpan(4),
                Protocol41 | SecureConnection | (database is null ? 0 : ConnectWithDatabase)
            );
            BinaryPrimitives.WriteInt32LittleEndian(response.AsSpan(8), 1 << 24);
            response[12] = 45; // utf8mb4
            names.CopyTo(response, 36);
            await stream.WriteAsync(response, cancellationToken).ConfigureAwait(false);
            await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        }

        private static async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
        {
            var header = new byte[4];
            await stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
            var payload = new byte[Math.Min(header[0] | (header[1] << 8) | (header[2] << 16), MaxMessageBytes)];
            await stream.ReadExactlyAsync(payload, cancellationToken).ConfigureAwait(false);
            if (payload is [0xff, _, _, ..])
            {
                throw Refused(payload.AsSpan(payload is [_, _, _, (byte)'#', _, _, _, _, _, ..] ? 9 : 3));
            }
        }
    }

    /// <summary>A <c>PING</c>, which needs whatever sign-in the tunnel does not do.</summary>
    private sealed class Redis : SignInGreeting
    {
        public override async Task SendAsync(Stream stream, string user, string? database, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
            var line = new byte[MaxMessageBytes];
            var length = 0;
            do
            {
                await stream.ReadExactlyAsync(line.AsMemory(length++, 1), cancellationToken).ConfigureAwait(false);
            } while (line[length - 1] != '\n' && length < line.Length);

            if (line[0] == '-' && !line.AsSpan().StartsWith("-NOAUTH"u8))
            {
                throw Refused(line.AsSpan(1, length - 1).TrimEnd("\r\n"u8));
            }
        }
    }
}
