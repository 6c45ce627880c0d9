using System.Buffers.Binary;

namespace RdsTunnel.Diagnosis;

/// <summary>How far a database's first words went.</summary>
internal enum Greeting
{
    /// <summary>TLS may begin.</summary>
    Tls,

    /// <summary>The server wants none.</summary>
    NoTls,

    /// <summary>It has answered, in a protocol whose TLS is not spoken here.</summary>
    Answer,

    /// <summary>Nothing has come.</summary>
    Unknown,
}

/// <summary>What has to be said to a database before TLS begins.</summary>
internal abstract class DatabaseProtocol
{
    /// <summary>By port, since that is all that is known of what was typed by hand.</summary>
    public static DatabaseProtocol Of(int port, TimeProvider time) =>
        port switch
        {
            3306 or 33060 => new MySql(),
            1433 => new SqlServer(),
            1521 => new Silent(time),
            27017 or 6379 or 6380 or 8182 or 443 or 2484 or 11211 => new Tls(),
            _ => new PostgreSql(), // and Redshift; also what is likeliest on a port that somebody chose
        };

    /// <exception cref="EndOfStreamException">The server has closed the connection.</exception>
    public abstract Task<Greeting> ReachTlsAsync(Stream stream, CancellationToken cancellationToken);

    /// <summary><code>00 00 00 08  04 d2 16 2f</code> is answered by <c>S</c> or <c>N</c>.</summary>
    /// <remarks><see href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL"/></remarks>
    private sealed class PostgreSql : DatabaseProtocol
    {
        private static readonly byte[] SslRequest = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

        public override async Task<Greeting> ReachTlsAsync(Stream stream, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(SslRequest, cancellationToken).ConfigureAwait(false);
            var answer = new byte[1];
            await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
            return answer[0] switch
            {
                (byte)'S' => Greeting.Tls,
                (byte)'N' => Greeting.NoTls,
                _ => Greeting.Answer,
            };
        }
    }

    /// <summary>The server greets with what it can do; a client that wants TLS answers with a short packet.</summary>
    /// <remarks><code>
    /// length (3) 00  0a  version 00  thread (4)  data (8)  00  capabilities (2) …
    /// </code><see href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html"/></remarks>
    private sealed class MySql : DatabaseProtocol
    {
        private const int MaxGreetingBytes = 1024;
        private const int Ssl = 0x0800;
        private const int CapabilitiesOfClient = 0x0200 | Ssl | 0x8000; // protocol 4.1, TLS, secure connection

        public override async Task<Greeting> ReachTlsAsync(Stream stream, CancellationToken cancellationToken)
        {
            var header = new byte[4];
            await stream.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
            var length = header[0] | (header[1] << 8) | (header[2] << 16);
            if (length is 0 or > MaxGreetingBytes)
            {
                return Greeting.Answer;
            }

            var greeting = new byte[length];
            await stream.ReadExactlyAsync(greeting, cancellationToken).ConfigureAwait(false);
            var capabilities = greeting.AsSpan(1).IndexOf((byte)0) + 1 + 1 + 4 + 8 + 1;
            if (greeting[0] != 10 || capabilities + 2 > length)
            {
                return Greeting.Answer; // an error: too many connections, host blocked
            }

            if ((BinaryPrimitives.ReadUInt16LittleEndian(greeting.AsSpan(capabilities)) & Ssl) == 0)
            {
                return Greeting.NoTls;
            }

            var request = new byte[36];
            request[0] = 32;
            request[3] = 1;
            BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(4), CapabilitiesOfClient);
            BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(8), 1 << 24);
            request[12] = 45; // utf8mb4
            await stream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            return Greeting.Tls;
        }
    }

    /// <summary>TLS goes inside of TDS packets; that the server answers a PRELOGIN is all that is looked at.</summary>
    /// <remarks><code>
    /// 12 01 00 1a 00 00 00 00   00 00 0b 00 06  01 00 11 00 01  ff   00 00 00 00 00 00   02
    /// </code><see href="https://learn.microsoft.com/openspecs/windows_protocols/ms-tds/60f56408-0188-4cd5-8b90-25c6f2423868"/></remarks>
    private sealed class SqlServer : DatabaseProtocol
    {
        private static readonly byte[] PreLogin =
        [
            0x12,
            0x01,
            0x00,
            0x1a,
            0,
            0,
            0,
            0,
            0x00,
            0x00,
            0x0b,
            0x00,
            0x06, // version at 11, 6 bytes
            0x01,
            0x00,
            0x11,
            0x00,
            0x01, // encryption at 17, 1 byte
            0xff,
            0,
            0,
            0,
            0,
            0,
            0,
            0x02, // not supported: nothing follows
        ];

        public override async Task<Greeting> ReachTlsAsync(Stream stream, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(PreLogin, cancellationToken).ConfigureAwait(false);
            await stream.ReadExactlyAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            return Greeting.Answer;
        }
    }

    /// <summary>TLS from the first byte.</summary>
    private sealed class Tls : DatabaseProtocol
    {
        public override Task<Greeting> ReachTlsAsync(Stream stream, CancellationToken cancellationToken) => Task.FromResult(Greeting.Tls);
    }

    /// <summary>A server that waits for words which are not spoken here: it is enough that nobody refuses for a while.</summary>
    private sealed class Silent(TimeProvider time) : DatabaseProtocol
    {
        private static readonly TimeSpan RefusalTime = TimeSpan.FromSeconds(3);

        public override async Task<Greeting> ReachTlsAsync(Stream stream, CancellationToken cancellationToken)
        {
            using var refusal = new CancellationTokenSource(RefusalTime, time);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, refusal.Token);
            try
            {
                await stream.ReadExactlyAsync(new byte[1], enough.Token).ConfigureAwait(false);
                return Greeting.Answer;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Greeting.Unknown;
            }
        }
    }
}
