using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RdsTunnel.Databases.Redis.Protocol;
using RdsTunnel.Databases.Tests.Support;

namespace RdsTunnel.Databases.Tests.Redis;

/// <summary>The server's end: it answers commands with what the test says, one after the other.</summary>
internal sealed class FakeRedis(X509Certificate2 certificate, params string[] answers)
{
    private readonly List<string> _heard = [];

    /// <summary>Commands as they came, their arguments in between of spaces.</summary>
    public IReadOnlyList<string> Heard => _heard;

    public int Dialled { get; private set; }

    public Task Serving { get; private set; } = Task.CompletedTask;

    /// <summary>What it says without being asked, once its answers are given.</summary>
    public string? Afterwards { get; init; }

    public async Task<Stream> DialAsync(CancellationToken cancellationToken)
    {
        Dialled++;
        var (here, there) = await StreamPair.CreateAsync();
        Serving = ServeAsync(there);
        return here;
    }

    private async Task ServeAsync(Stream stream)
    {
        await using (stream)
        {
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(certificate);
            foreach (var answer in answers)
            {
                _heard.Add(await ReadCommandAsync(tls));
                await tls.WriteAsync(Encoding.UTF8.GetBytes(answer));
            }

            if (Afterwards is not null)
            {
                await tls.WriteAsync(Encoding.UTF8.GetBytes(Afterwards));
            }
        }
    }

    private static async Task<string> ReadCommandAsync(Stream stream)
    {
        var lines = Encoding.UTF8.GetString(await RespReader.ReadReplyAsync(stream, CancellationToken.None)).Split("\r\n");
        return string.Join(' ', lines.Where((_, i) => i > 0 && i % 2 == 0 && i < lines.Length));
    }
}
