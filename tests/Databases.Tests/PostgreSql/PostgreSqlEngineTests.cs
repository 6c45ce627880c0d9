using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Databases.PostgreSql;
using RdsTunnel.Databases.Tests.Support;
using static RdsTunnel.Databases.Tests.PostgreSql.ScriptedServer;

namespace RdsTunnel.Databases.Tests.PostgreSql;

public sealed class PostgreSqlEngineTests : IDisposable
{
    private const string Host = "orders.abc.eu-west-1.rds.amazonaws.com";
    private const string Password = "s3cret-of-app";

    private static readonly byte[] TlsRequest = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly FakeTimeProvider _time = new();
    private readonly Credentials _credentials = new();

    public PostgreSqlEngineTests() => _certificate = _authority.Issue(Host);

    [Fact]
    public async Task SignIn_CleartextOverTls_SignsInAsTheLoginsUser()
    {
        var server = new ScriptedServer(
            _certificate,
            async tls =>
            {
                Assert.Contains("user\0app\0", Encoding.UTF8.GetString(await ReadStartupAsync(tls)), StringComparison.Ordinal);
                await tls.WriteAsync(Message('R', 0, 0, 0, 3));
                var answer = await ReadAsync(tls, 5 + Password.Length + 1);
                Assert.Equal(Message('p', Text(Password + "\0")), answer);
                await tls.WriteAsync(Message('R', 0, 0, 0, 0));
                await tls.WriteAsync(Welcome());
                await tls.WriteAsync(Text("rows"));
                await tls.ReadExactlyAsync(new byte[5]); // until the tool says goodbye
            }
        );
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane"), ("database", "shop")));
        await using var database = await signIn;
        Assert.Equal(Message('R', 0, 0, 0, 0), await ReadAsync(tool, 9));
        Assert.Equal(Welcome(), await ReadAsync(tool, Welcome().Length));
        Assert.Equal("rows"u8.ToArray(), await ReadAsync(database!, 4)); // nothing was read beyond the sign-in
        await database!.WriteAsync(Message('X'));
        await server.Serving;
        Assert.All(_credentials.Given!.Password.ToArray(), one => Assert.Equal(0, one));
    }

    [Fact]
    public async Task SignIn_Md5_SendsNoPassword()
    {
        var server = new ScriptedServer(
            _certificate,
            async tls =>
            {
                await ReadStartupAsync(tls);
                await tls.WriteAsync(Message('R', 0, 0, 0, 5, 1, 2, 3, 4));
                // printf 's3cret-of-appapp' | md5sum, and again with the salt behind it
                var answer = await ReadAsync(tls, 41);
                Assert.Equal(Message('p', Text("md5d6bf3b9bd3d02a68faaac37c9ad71147\0")), answer);
                await tls.WriteAsync((byte[])[.. Message('R', 0, 0, 0, 0), .. Message('Z', (byte)'I')]);
            }
        );
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync(StartupPacketTests.Packet(2, ("user", "jane")));
        await using var database = await signIn;
        await server.Serving;
    }

    [Fact]
    public async Task SignIn_ServerThatEndsScramWithoutItsSignature_IsNotTrusted()
    {
        var server = new ScriptedServer(
            _certificate,
            async tls =>
            {
                await ReadStartupAsync(tls);
                await tls.WriteAsync(Message('R', [0, 0, 0, 10, .. "SCRAM-SHA-256\0\0"u8]));
                await PostgreSqlFrame.ReadAsync(tls, CancellationToken.None);
                await tls.WriteAsync(Message('R', 0, 0, 0, 0));
            }
        );
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        Assert.Equal(LoginError.ProtocolError, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Contains("RDS Tunnel", await ReadErrorAsync(tool), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_RefusedByTheDatabase_PassesItsWordsAndForgetsThePassword()
    {
        var refusal = Message('E', Text("SFATAL\0C28P01\0Mpassword authentication failed for user \"app\"\0\0"));
        var server = new ScriptedServer(
            _certificate,
            async tls =>
            {
                await ReadStartupAsync(tls);
                await tls.WriteAsync(Message('R', 0, 0, 0, 3));
                await PostgreSqlFrame.ReadAsync(tls, CancellationToken.None);
                await tls.WriteAsync(refusal);
            }
        );
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        var refused = await Assert.ThrowsAsync<LoginException>(() => signIn);
        Assert.Equal(LoginError.DatabaseRefused, refused.Error);
        Assert.Contains("28P01", refused.Message, StringComparison.Ordinal);
        Assert.Equal("grant rds_iam", refused.Hint);
        Assert.Equal(refusal, await ReadAsync(tool, refusal.Length));
        Assert.True(_credentials.IsRefused);
    }

    [Fact]
    public async Task SignIn_CertificateOfAnotherHost_IsToldInTheToolsProtocol()
    {
        using var other = _authority.Issue("reports.abc.eu-west-1.rds.amazonaws.com");
        var (tool, signIn) = await StartAsync(new ScriptedServer(other, tls => tls.ReadExactlyAsync(new byte[1]).AsTask()));
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        Assert.Equal(LoginError.CertificateRefused, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        var told = await ReadErrorAsync(tool);
        Assert.Contains("another host name", told, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_ServerWithoutTls_GetsNoPassword()
    {
        var (tool, signIn) = await StartAsync(new ScriptedServer(_certificate, _ => Task.CompletedTask) { TlsAnswer = "N" });
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        Assert.Equal(LoginError.NoTls, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Contains("doesn't support TLS", await ReadErrorAsync(tool), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1:5432\r\n\r\n", LoginError.NotTheProtocol)]
    [InlineData("\0\0\0\u0010\u0004\u00d2\u0016\u002f--------", LoginError.NotTheProtocol)]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", LoginError.ToolUnsupported)]
    public async Task SignIn_WhatIsNotPostgreSql_NeverReachesTheDatabase(string first, LoginError error)
    {
        var server = new ScriptedServer(_certificate, _ => Task.CompletedTask);
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync(Encoding.Latin1.GetBytes(first));
        Assert.Equal(error, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Equal(0, server.Dialled);
        Assert.Null(_credentials.Given);
    }

    [Fact]
    public async Task SignIn_ASecretThatWasRotatedMeanwhile_IsTriedOnceMore()
    {
        var refusal = Message('E', Text("SFATAL\0C28P01\0Mpassword authentication failed for user \"app\"\0\0"));
        var server = new ScriptedServer(
            _certificate,
            async tls =>
            {
                await ReadStartupAsync(tls);
                await tls.WriteAsync((byte[])[.. Message('N', Text("SNOTICE\0\0")), .. Message('R', 0, 0, 0, 3)]);
                var answer = await PostgreSqlFrame.ReadAsync(tls, CancellationToken.None);
                var isRight = answer.Body.Span.SequenceEqual("another one\0"u8);
                await tls.WriteAsync(isRight ? [.. Message('R', 0, 0, 0, 0), .. Welcome()] : refusal);
            }
        );
        var (tool, signIn) = await StartAsync(
            server,
            new Login(Host, _authority.Certificates, new Credentials { Rotated = "another one" })
        );
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        await using var database = await signIn;
        byte[] heard = [.. Message('R', 0, 0, 0, 0), .. Message('N', Text("SNOTICE\0\0")), .. Welcome()];
        Assert.Equal(heard, await ReadAsync(tool, heard.Length)); // nothing of the first attempt
        Assert.Equal(2, server.Dialled);
    }

    [Fact]
    public async Task SignIn_WhatIsSaidBeforeTheDatabaseSaysYes_IsHeardWhenToolsTakeIt()
    {
        byte[] version = Message('v', 0, 3, 0, 0, 0, 0, 0, 0),
            notice = Message('N', Text("SNOTICE\0\0")),
            setting = Message('S', Text("server_version\015.8\0")),
            yes = Message('R', 0, 0, 0, 0),
            notification = Message('A', Text("\0\0\0\u0001news\0\0")),
            ready = Message('Z', (byte)'I');
        var server = new ScriptedServer(
            _certificate,
            async tls =>
            {
                await ReadStartupAsync(tls);
                await tls.WriteAsync((byte[])[.. notice, .. version, .. version, .. Message('R', 0, 0, 0, 3)]); // twice, as pgbouncer does
                await PostgreSqlFrame.ReadAsync(tls, CancellationToken.None);
                await tls.WriteAsync((byte[])[.. setting, .. yes, .. notification, .. ready]);
            }
        );
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync(StartupPacketTests.Packet(2, ("user", "jane")));
        await using var database = await signIn;
        byte[] heard = [.. version, .. yes, .. notice, .. setting, .. notification, .. ready];
        Assert.Equal(heard, await ReadAsync(tool, heard.Length));
    }

    [Fact]
    public async Task SignIn_ServerThatCannotStartAnotherProcess_IsNotTakenForAStranger()
    {
        // Written in plain text, before TLS: what follows may be anybody's.
        var (tool, signIn) = await StartAsync(
            new ScriptedServer(_certificate, _ => Task.CompletedTask) { TlsAnswer = "Ecould not fork new process for connection\n\0" }
        );
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        Assert.Equal(LoginError.DatabaseGone, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        var told = await ReadErrorAsync(tool);
        Assert.Contains("no room for another connection", told, StringComparison.Ordinal);
        Assert.DoesNotContain("fork", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0\0\0\u0009\0\u0002\0\0\0")] // protocol 2
    [InlineData("\0\0\0\u0009\0\u0004\0\0\0")] // and 4
    [InlineData("\0\0'\u0015\0\u0003\0\0")] // too long
    [InlineData("\0\0\0\u000c\0\u0003\0\0user")] // cut off
    public async Task SignIn_AStartupMessageThatNoServerTakes_IsAnsweredWithAnError(string said)
    {
        var server = new ScriptedServer(_certificate, _ => Task.CompletedTask);
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync(Encoding.Latin1.GetBytes(said));
        Assert.Contains("startup message", await ReadErrorAsync(tool), StringComparison.Ordinal);
        Assert.Equal(LoginError.ToolUnsupported, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Equal(0, server.Dialled);
    }

    [Theory]
    [InlineData("app\0", Password)]
    [InlineData("app", "s3cret\0")]
    public async Task SignIn_UserOrPasswordWithAZero_AreNotCutOffThere(string user, string password)
    {
        var server = WithoutPassword();
        var (tool, signIn) = await StartAsync(server, new Login(Host, _authority.Certificates, new Given(user, password)));
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        Assert.Contains("zero character", await ReadErrorAsync(tool), StringComparison.Ordinal);
        Assert.Equal(LoginError.Unavailable, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Equal(0, server.Dialled);
    }

    [Fact]
    public async Task SignIn_ToolThatBeginsWithTls_GoesOnWithinItIfItNamesTheProtocol()
    {
        var server = WithoutPassword();
        var (tool, signIn) = await StartAsync(server, WithLocalTls());
        await using var tls = await EncryptAtOnceAsync(tool, PostgreSqlEngine.Protocol);
        await tls.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        await using var database = await signIn;
        Assert.Equal(Message('R', 0, 0, 0, 0), await ReadAsync(tls, 9));
    }

    [Fact]
    public async Task SignIn_ToolThatBeginsWithTlsAndNamesNoProtocol_NeverReachesTheDatabase()
    {
        var server = WithoutPassword();
        var (tool, signIn) = await StartAsync(server, WithLocalTls());
        await using var tls = await EncryptAtOnceAsync(tool, null);
        await tls.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        Assert.Equal(LoginError.NotTheProtocol, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Equal(0, server.Dialled);
    }

    [Fact]
    public async Task SignIn_RequestsForEncryption_AreDeclined()
    {
        var server = WithoutPassword();
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync((byte[])[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]);
        Assert.Equal("N"u8.ToArray(), await ReadAsync(tool, 1));
        await tool.WriteAsync((byte[])[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
        Assert.Equal("N"u8.ToArray(), await ReadAsync(tool, 1));
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        await using var database = await signIn;
        Assert.NotNull(database);
    }

    [Fact]
    public async Task SignIn_ToolThatAsksForLocalTls_GoesOnWithinIt()
    {
        var server = WithoutPassword();
        var (tool, signIn) = await StartAsync(server, WithLocalTls());
        await using var tls = await EncryptAsync(tool);
        await tls.WriteAsync(TlsRequest);
        Assert.Equal("N"u8.ToArray(), await ReadAsync(tls, 1)); // once is enough
        await tls.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        await using var database = await signIn;
        Assert.Equal(Message('R', 0, 0, 0, 0), await ReadAsync(tls, 9));
    }

    [Fact]
    public async Task SignIn_CancelRequestWithinLocalTls_GoesToTheDatabase()
    {
        byte[] request = [0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 7, 1, 2, 3, 4];
        byte[] seen = [];
        var server = new ScriptedServer(_certificate, async tls => seen = await ReadAsync(tls, 16));
        var (tool, signIn) = await StartAsync(server, WithLocalTls());
        await using var tls = await EncryptAsync(tool);
        await tls.WriteAsync(request);
        Assert.Null(await signIn);
        Assert.Equal(request, seen);
    }

    [Fact]
    public async Task SignIn_StrangerWithinLocalTls_NeverReachesTheDatabase()
    {
        var server = new ScriptedServer(_certificate, _ => Task.CompletedTask);
        var (tool, signIn) = await StartAsync(server, WithLocalTls());
        await using var tls = await EncryptAsync(tool);
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: 127.0.0.1:5432\r\n\r\n"u8.ToArray());
        Assert.Equal(LoginError.NotTheProtocol, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Equal(0, server.Dialled);
        Assert.Null(_credentials.Given);
    }

    [Fact]
    public async Task SignIn_ToolWithoutTls_IsServedWhereTlsIsOffered()
    {
        var server = WithoutPassword();
        var (tool, signIn) = await StartAsync(server, WithLocalTls());
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        await using var database = await signIn;
        Assert.Equal(Message('R', 0, 0, 0, 0), await ReadAsync(tool, 9));
    }

    [Fact]
    public async Task SignIn_CancelRequest_GoesToTheDatabaseOverTls()
    {
        byte[] request = [0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e, 0, 0, 0, 7, 1, 2, 3, 4];
        byte[] seen = [];
        var server = new ScriptedServer(_certificate, async tls => seen = await ReadAsync(tls, 16));
        var (tool, signIn) = await StartAsync(server);
        await tool.WriteAsync(request);
        Assert.Null(await signIn);
        Assert.Equal(request, seen);
        Assert.Null(_credentials.Given); // the key is all it needs
    }

    [Fact]
    public async Task SignIn_TlsAlone_LeavesOutChannelBindingOnly()
    {
        var server = new ScriptedServer(
            _certificate,
            async tls =>
            {
                Assert.Contains("user\0jane\0", Encoding.UTF8.GetString(await ReadStartupAsync(tls)), StringComparison.Ordinal);
                await tls.WriteAsync(Message('R', [0, 0, 0, 10, .. "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"u8]));
                await tls.ReadExactlyAsync(new byte[1]);
            }
        );
        var (tool, signIn) = await StartAsync(server, new Login(Host, _authority.Certificates, null));
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        await using var database = await signIn;
        byte[] offered = Message('R', [0, 0, 0, 10, .. "SCRAM-SHA-256\0\0"u8]);
        Assert.Equal(offered, await ReadAsync(tool, offered.Length));
        await database!.WriteAsync(new byte[1]);
        await server.Serving;
    }

    [Fact]
    public async Task SignIn_ToolThatSaysNothing_IsLetGo()
    {
        var (_, signIn) = await StartAsync(new ScriptedServer(_certificate, _ => Task.CompletedTask));
        _time.Advance(Patience.Time);
        Assert.Equal(LoginError.TimedOut, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
    }

    [Fact]
    public async Task SignIn_ToolThatLeaves_IsNoFailureOfTheLogin()
    {
        var (tool, signIn) = await StartAsync(new ScriptedServer(_certificate, _ => Task.CompletedTask));
        await tool.DisposeAsync();
        await Assert.ThrowsAsync<ToolGoneException>(() => signIn);
    }

    [Fact]
    public async Task SignIn_NoConnectionToTheDatabase_IsToldInTheToolsProtocol()
    {
        var (tool, other) = await StreamPair.CreateAsync();
        var signIn = new PostgreSqlEngine(_time).SignInAsync(
            other,
            _ => throw new InvalidOperationException("text of somebody else"),
            new Login(Host, _authority.Certificates, _credentials),
            CancellationToken.None
        );
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane")));
        Assert.Equal(LoginError.Unavailable, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        var told = await ReadErrorAsync(tool);
        Assert.Contains("08001", told, StringComparison.Ordinal);
        Assert.DoesNotContain("somebody else", told, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _certificate.Dispose();
    }

    private async Task<(Stream Tool, Task<Stream?> SignIn)> StartAsync(ScriptedServer server, Login? login = null)
    {
        var (tool, other) = await StreamPair.CreateAsync();
        return (
            tool,
            new PostgreSqlEngine(_time).SignInAsync(
                other,
                server.DialAsync,
                login ?? new Login(Host, _authority.Certificates, _credentials),
                CancellationToken.None
            )
        );
    }

    private Login WithLocalTls() =>
        new(Host, _authority.Certificates, _credentials)
        {
            StartLocalTls = async (tool, cancellationToken) =>
            {
                var tls = new SslStream(tool);
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificate = _certificate,
                        ApplicationProtocols = [PostgreSqlEngine.Protocol],
                    },
                    cancellationToken
                );
                return tls;
            },
        };

    private async Task<SslStream> EncryptAsync(Stream tool)
    {
        await tool.WriteAsync(TlsRequest);
        Assert.Equal("S"u8.ToArray(), await ReadAsync(tool, 1));
        var tls = new SslStream(
            tool,
            leaveInnerStreamOpen: true,
            (_, shown, _, _) => shown?.GetCertHashString() == _certificate.GetCertHashString()
        );
        await tls.AuthenticateAsClientAsync("localhost");
        return tls;
    }

    private async Task<SslStream> EncryptAtOnceAsync(Stream tool, SslApplicationProtocol? protocol)
    {
        var tls = new SslStream(tool, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = protocol is { } one ? [one] : null,
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _certificate.GetCertHashString(),
            }
        );
        return tls;
    }

    private static byte[] Welcome() =>
        [.. Message('S', Text("server_version\015.8\0")), .. Message('K', new byte[8]), .. Message('Z', (byte)'I')];

    private static async Task<byte[]> ReadAsync(Stream stream, int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static async Task<string> ReadErrorAsync(Stream tool)
    {
        var frame = await PostgreSqlFrame.ReadAsync(tool, CancellationToken.None);
        Assert.Equal((byte)'E', frame.Type);
        return Encoding.UTF8.GetString(frame.Body.Span);
    }

    private sealed class Given(string user, string password) : ILoginCredentials
    {
        public Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new DatabaseCredentials(user, password));

        public Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken) =>
            Task.FromResult<DatabaseCredentials?>(null);
    }

    private sealed class Credentials : ILoginCredentials
    {
        public DatabaseCredentials? Given { get; private set; }

        public bool IsRefused { get; private set; }

        public Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken) =>
            Task.FromResult(Given = new DatabaseCredentials("app", Password, "grant rds_iam"));

        /// <summary>What the secret says once the first one was refused; null for the same.</summary>
        public string? Rotated { get; init; }

        public Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken)
        {
            IsRefused = true;
            return Task.FromResult(Rotated is null ? null : new DatabaseCredentials("app", Rotated, "grant rds_iam"));
        }
    }

    /// <summary>A server that lets anybody in, and is ready at once.</summary>
    private ScriptedServer WithoutPassword() =>
        new(
            _certificate,
            async tls =>
            {
                await ReadStartupAsync(tls);
                await tls.WriteAsync((byte[])[.. Message('R', 0, 0, 0, 0), .. Message('Z', (byte)'I')]);
            }
        );
}
