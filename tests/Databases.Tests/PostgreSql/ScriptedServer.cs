using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
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
        await using (stream)
        {
            await stream.ReadExactlyAsync(new byte[8]);
            await stream.WriteAsync(Text(TlsAnswer));
            if (TlsAnswer != "S")
            {
                return;
            }

            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(certificate);
            await speak(tls);
        }
    }
}
