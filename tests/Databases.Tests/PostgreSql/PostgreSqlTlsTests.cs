using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Databases.PostgreSql;
using RdsTunnel.Databases.Tests.Support;
using static RdsTunnel.Databases.Tests.PostgreSql.Beginning;
using static RdsTunnel.Databases.Tests.PostgreSql.ScriptedServer;

namespace RdsTunnel.Databases.Tests.PostgreSql;

public sealed class PostgreSqlTlsTests : IDisposable
{
    private const string Host = "orders.abc.eu-west-1.rds.amazonaws.com";

    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly FakeTimeProvider _time = new();
    private readonly PostgreSqlEngine _engine;

    public PostgreSqlTlsTests() => (_certificate, _engine) = (_authority.Issue(Host), new PostgreSqlEngine(_time));

    [Theory]
    [InlineData("17.4 (Debian 17.4-1)")]
    [InlineData("18beta1")]
    [InlineData("20")]
    public async Task SignIn_NewServer_BeginsWithTlsFromTheSecondConnectionOn(string version)
    {
        var server = Server(version, DirectTls.Taken);
        await SignInAsync(server);
        await SignInAsync(server);
        await SignInAsync(server);
        Assert.Equal([Question, Tls, Tls], BeginningsOf(server));
    }

    [Theory]
    [InlineData("16.9")]
    [InlineData("8.0.2")] // Redshift's
    [InlineData("")]
    [InlineData("99999999999999999999")]
    [InlineData("unknown 17")]
    public async Task SignIn_OtherServer_IsAskedEachTime(string version)
    {
        var server = Server(version, DirectTls.Taken);
        await SignInAsync(server);
        await SignInAsync(server);
        Assert.Equal([Question, Question], BeginningsOf(server));
    }

    [Fact]
    public async Task SignIn_ProxyThatClosesTheConnection_IsAskedAgainAndEverAfter()
    {
        var proxy = Server("17.4", DirectTls.Refused);
        await SignInAsync(proxy);
        await SignInAsync(proxy);
        await SignInAsync(proxy);
        Assert.Equal([Question, Tls, Question, Question], BeginningsOf(proxy));
    }

    [Fact]
    public async Task SignIn_ServerWithoutAlpn_IsAskedAgain()
    {
        var proxy = new ScriptedServer(_certificate, tls => SpeakAsync(tls, "17.4")) { DirectTls = DirectTls.Taken, SpeaksAlpn = false };
        await SignInAsync(proxy);
        await SignInAsync(proxy);
        Assert.Equal([Question, Tls, Question], BeginningsOf(proxy));
    }

    [Fact]
    public async Task SignIn_ProxyThatWaits_IsAskedAgainAfterAShortTime()
    {
        var proxy = Server("17.4", DirectTls.Ignored);
        await SignInAsync(proxy);
        Assert.Equal(Question, await proxy.Begun.Reader.ReadAsync());
        var second = SignInAsync(proxy);
        Assert.Equal(Tls, await proxy.Begun.Reader.ReadAsync());
        _time.Advance(TimeSpan.FromSeconds(5));
        await second;
        Assert.Equal([Question], BeginningsOf(proxy));
    }

    [Fact]
    public async Task SignIn_CertificateThatIsRefused_IsNotTriedInTheOtherWay()
    {
        await SignInAsync(Server("17.4", DirectTls.Taken));
        using var authority = new TestAuthority();
        using var other = authority.Issue(Host);
        var stranger = new ScriptedServer(other, tls => SpeakAsync(tls, "17.4")) { DirectTls = DirectTls.Taken };
        var refused = await Assert.ThrowsAsync<LoginException>(() => SignInAsync(stranger));
        Assert.Equal(LoginError.CertificateRefused, refused.Error);
        Assert.Equal([Tls], BeginningsOf(stranger));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _certificate.Dispose();
    }

    private ScriptedServer Server(string version, DirectTls direct) =>
        new(_certificate, tls => SpeakAsync(tls, version)) { DirectTls = direct };

    private static async Task SpeakAsync(Stream tls, string version)
    {
        await ReadStartupAsync(tls);
        await tls.WriteAsync(
            (byte[])[.. Message('R', 0, 0, 0, 0), .. Message('S', Text($"server_version\0{version}\0")), .. Message('Z', (byte)'I')]
        );
    }

    private async Task SignInAsync(ScriptedServer server)
    {
        var (tool, other) = await StreamPair.CreateAsync();
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        await using var database = await _engine.SignInAsync(
            other,
            server.DialAsync,
            new Login(Host, _authority.Certificates, new FakeLogin()),
            CancellationToken.None
        );
        Assert.NotNull(database);
    }

    private static List<Beginning> BeginningsOf(ScriptedServer server)
    {
        var begun = new List<Beginning>();
        while (server.Begun.Reader.TryRead(out var one))
        {
            begun.Add(one);
        }

        return begun;
    }
}
