using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using RdsTunnel.Databases.PostgreSql;
using RdsTunnel.Databases.Tests.Support;

namespace RdsTunnel.Databases.Tests.PostgreSql;

/// <summary>The server's end of connections, for what a real server does not do on demand: it says what the test wants.</summary>
internal sealed class ScriptedServer(X509Certificate2 certificate, Func<SslStream, Task> speak)
{
    public int Dialled { get; private set; }

    /// <summary>What it answers to the request for TLS.</summary>
    public string TlsAnswer { get; init; } = "S";

    public Task Serving { get; private set; } = Task.CompletedTask;

    public DirectTls DirectTls { get; init; }

    public bool SpeaksAlpn { get; init; } = true;

    /// <summary>Of each connection, in their order.</summary>
    public Channel<Beginning> Begun { get; } = Channel.CreateUnbounded<Beginning>();

    public async Task<Stream> DialAsync(CancellationToken cancellationToken)
    {
        Dialled++;
        var (here, there) = await StreamPair.CreateAsync();
        Serving = ServeAsync(there);
        return here;
    }

    public static async Task<byte[]> ReadStartupAsync(Stream stream)
    {
        var header = new byte[8];
        await stream.ReadExactlyAsync(header);
        var bytes = new byte[8 + StartupPacket.RestOf(header) ?? throw new InvalidOperationException("no startup message")];
        header.CopyTo(bytes, 0);
        await stream.ReadExactlyAsync(bytes.AsMemory(8));
        return bytes;
    }

    public static byte[] Message(char type, params byte[] body) => new PostgreSqlFrame((byte)type, body).ToBytes();

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private async Task ServeAsync(Stream stream)
    {
        await using var peeked = new PeekedStream(stream, CancellationToken.None);
        await peeked.Peeked;
        var isDirect = peeked.First == 0x16;
        Begun.Writer.TryWrite(isDirect ? Beginning.Tls : Beginning.Question);
        if (isDirect && DirectTls != DirectTls.Taken)
        {
            // An old server closes the connection; others wait for more of what they think is a startup message.
            while (DirectTls == DirectTls.Ignored && await peeked.ReadAsync(new byte[4096]) > 0) { }
            return;
        }

        if (!isDirect)
        {
            await peeked.ReadExactlyAsync(new byte[8]);
            await peeked.WriteAsync(Text(TlsAnswer));
            if (TlsAnswer != "S")
            {
                return;
            }
        }

        await using var tls = new SslStream(peeked);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ApplicationProtocols = isDirect && SpeaksAlpn ? [new SslApplicationProtocol("postgresql")] : null,
            }
        );
        await speak(tls);
    }
}

/// <summary>How a client begins.</summary>
internal enum Beginning
{
    Question,
    Tls,
}

/// <summary>What a server does with TLS that it was not asked for.</summary>
internal enum DirectTls
{
    Refused,
    Ignored,
    Taken,
}
