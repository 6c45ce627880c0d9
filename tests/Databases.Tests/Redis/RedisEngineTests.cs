using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Databases.Redis;
using RdsTunnel.Databases.Tests.Support;

namespace RdsTunnel.Databases.Tests.Redis;

public sealed class RedisEngineTests : IDisposable
{
    private const string Host = "master.sessions.abc123.euw1.cache.amazonaws.com";
    private const string Password = "s3cret of app";
    private const string Ping = "*1\r\n$4\r\nPING\r\n";

    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly FakeTimeProvider _time = new();
    private readonly Credentials _credentials = new();

    public RedisEngineTests() => _certificate = _authority.Issue(Host);

    [Fact]
    public async Task SignIn_ACommand_IsSentOnOnceItsUserIsSignedIn()
    {
        var server = new FakeRedis(_certificate, "+OK\r\n", "+PONG\r\n");
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, Ping);
        await using var database = await signIn;
        Assert.Equal("+PONG\r\n", await ReadAsync(database!, 7));
        Assert.Equal(["AUTH app s3cret of app", "PING"], server.Heard);
        Assert.All(_credentials.Given!.Password.ToArray(), one => Assert.Equal(0, one));
    }

    [Fact]
    public async Task SignIn_ASecretWithoutAUser_SendsThePasswordAlone()
    {
        _credentials.User = null;
        var server = new FakeRedis(_certificate, "+OK\r\n", "+PONG\r\n");
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, Ping);
        await using var database = await signIn;
        Assert.Equal("+PONG\r\n", await ReadAsync(database!, 7));
        Assert.Equal("AUTH s3cret of app", server.Heard[0]);
    }

    [Fact]
    public async Task SignIn_AToolsOwnSignIn_IsWelcomeWhateverItSays()
    {
        var server = new FakeRedis(_certificate, "+OK\r\n", "%1\r\n$5\r\nproto\r\n:3\r\n", "+PONG\r\n");
        var (tool, signIn) = await StartAsync(server);
        // As StackExchange.Redis does it, in one go.
        await SayAsync(
            tool,
            "*7\r\n$5\r\nhello\r\n$1\r\n3\r\n$4\r\nauth\r\n$1\r\nu\r\n$1\r\np\r\n$7\r\nSETNAME\r\n$4\r\nAUTH\r\n*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n"
                + Ping
        );
        await using var database = await signIn;
        Assert.Equal("%1\r\n$5\r\nproto\r\n:3\r\n+OK\r\n", await ReadAsync(tool, 24));
        Assert.Equal(7, (await ReadAsync(database!, 7)).Length);
        Assert.Equal(["AUTH app s3cret of app", "HELLO 3 SETNAME AUTH", "PING"], server.Heard.Take(3));
    }

    [Fact]
    public async Task SignIn_AToolThatRestsAfterAuth_HearsWhatTheDatabaseSays()
    {
        var server = new FakeRedis(_certificate, "+OK\r\n") { Afterwards = "-ERR going down\r\n" };
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, "*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n");
        Assert.Equal("+OK\r\n", await ReadAsync(tool, 5));
        await using var database = await signIn;
        Assert.Equal("-ERR going down\r\n", await ReadAsync(database!, 17));
    }

    [Fact]
    public async Task SignIn_TlsAlone_LeavesTheSignInToTheTool()
    {
        var server = new FakeRedis(_certificate, "-WRONGPASS no\r\n");
        var (tool, signIn) = await StartAsync(server, withCredentials: false);
        await SayAsync(tool, "*2\r\n$4\r\nAUTH\r\n");
        await using var database = await signIn;
        await database!.WriteAsync("$1\r\np\r\n"u8.ToArray());
        Assert.Equal("-WRONGPASS no\r\n", await ReadAsync(database, 15));
        Assert.Equal(["AUTH p"], server.Heard);
    }

    [Theory]
    [InlineData("-WRONGPASS invalid username-password pair or user is disabled.\r\n", true, "WRONGPASS")]
    [InlineData("-ERR invalid password\r\n", true, "wrong password")]
    [InlineData("-ERR max number of clients reached\r\n", false, "too many connections")]
    [InlineData(
        "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n",
        false,
        "asks for no password"
    )]
    [InlineData("-ERR wrong number of arguments for 'auth' command\r\n", false, "knows no users")]
    [InlineData("-LOADING Redis is loading the dataset in memory\r\n", false, "LOADING")]
    [InlineData("-SOMETHING else\r\n", false, "error message")]
    public async Task SignIn_ADatabaseThatSaysNo_IsHeardByTheToolInItsOwnWords(string answer, bool isAboutThePassword, string words)
    {
        var (tool, signIn) = await StartAsync(new FakeRedis(_certificate, answer));
        await SayAsync(tool, Ping + Ping);
        Assert.Equal(answer + answer, await ReadAsync(tool, 2 * answer.Length)); // each command is answered
        _time.Advance(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<LoginException>(() => signIn);
        Assert.Equal(LoginError.DatabaseRefused, failure.Error);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.Equal(isAboutThePassword, _credentials.IsRefused);
        Assert.Equal(isAboutThePassword, failure.Hint == "hint");
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", LoginError.ToolUnsupported)]
    [InlineData("POST / HTTP/1.1\r\n\r\n*1\r\n$8\r\nFLUSHALL\r\n", LoginError.ToolUnsupported)]
    [InlineData("PINGS\r\n", LoginError.ToolUnsupported)]
    [InlineData("PUT / HTTP/1.1\r\n", LoginError.ToolUnsupported)]
    [InlineData("INFO\r\n", LoginError.ToolUnsupported)]
    [InlineData("\u0016\u0003\u0001", LoginError.ToolUnsupported)]
    [InlineData("\r\n*1\r\n", LoginError.NotTheProtocol)]
    [InlineData("*x\r\n", LoginError.NotTheProtocol)]
    [InlineData("*0\r\n", LoginError.NotTheProtocol)]
    [InlineData("*1\n$4\nPING\n", LoginError.NotTheProtocol)]
    [InlineData("*1\r\n+PING\r\n", LoginError.NotTheProtocol)]
    [InlineData("*99999999999\r\n", LoginError.NotTheProtocol)]
    public async Task SignIn_WhatIsNoCommand_IsRefusedBeforeAnythingIsDone(string said, LoginError error)
    {
        var server = new FakeRedis(_certificate);
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, said);
        Assert.Equal(error, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Null(_credentials.Given);
        Assert.Equal(0, server.Dialled);
    }

    [Theory]
    [InlineData("PING\r\n")] // redis-benchmark, checks of health
    [InlineData("ping\r\n")]
    public async Task SignIn_APingAsALine_IsSentOn(string ping)
    {
        var server = new FakeRedis(_certificate, "+OK\r\n") { Afterwards = "+PONG\r\n" };
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, ping);
        await using var database = await signIn;
        Assert.Equal("+PONG\r\n", await ReadAsync(database!, 7));
    }

    [Fact]
    public async Task SignIn_ASecretThatWasRotatedMeanwhile_IsTriedOnceMore()
    {
        _credentials.Rotated = "another one";
        var servers = new Queue<FakeRedis>([
            new(_certificate, "-WRONGPASS invalid username-password pair or user is disabled.\r\n"),
            new(_certificate, "+OK\r\n", "+PONG\r\n"),
        ]);
        var second = servers.Last();
        var (tool, local) = await StreamPair.CreateAsync();
        var login = new Login(Host, _authority.Certificates, _credentials);
        var signIn = new RedisEngine(_time).SignInAsync(local, token => servers.Dequeue().DialAsync(token), login, CancellationToken.None);
        await SayAsync(tool, Ping);
        await using var database = await signIn;
        Assert.Equal("+PONG\r\n", await ReadAsync(database!, 7));
        Assert.Equal(["AUTH app another one", "PING"], second.Heard);
    }

    [Fact]
    public async Task SignIn_ALineOfPlainText_IsToldWhyNot()
    {
        var (tool, signIn) = await StartAsync(new FakeRedis(_certificate));
        await SayAsync(tool, "PING a\r\n");
        Assert.StartsWith("-ERR RDS Tunnel: Commands as plain lines", await ReadAsync(tool, 60), StringComparison.Ordinal);
        await Assert.ThrowsAsync<LoginException>(() => signIn);
    }

    [Fact]
    public async Task SignIn_AServerOfAnotherName_GetsNoPassword_AndTheToolIsTold()
    {
        using var other = _authority.Issue("other.example");
        var server = new FakeRedis(other, "+OK\r\n");
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, Ping);
        Assert.StartsWith(
            "-ERR RDS Tunnel: The connection to the database isn't secure",
            await ReadAsync(tool, 70),
            StringComparison.Ordinal
        );
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LoginError.CertificateRefused, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Empty(server.Heard);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("+PONG\r\n")]
    [InlineData("$999999999\r\n")]
    [InlineData("*999999999\r\n")]
    public async Task SignIn_AServerThatIsNoRedis_IsAProtocolError(string answer)
    {
        var (tool, signIn) = await StartAsync(new FakeRedis(_certificate, answer));
        await SayAsync(tool, Ping);
        Assert.StartsWith(
            "-ERR RDS Tunnel: The database's answer isn't Redis's protocol",
            await ReadAsync(tool, 70),
            StringComparison.Ordinal
        );
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LoginError.ProtocolError, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
    }

    [Fact]
    public async Task SignIn_AnAuthThatIsTooLong_IsRefused()
    {
        var (tool, signIn) = await StartAsync(new FakeRedis(_certificate, "+OK\r\n"));
        await SayAsync(tool, "*2\r\n$4\r\nAUTH\r\n$16385\r\n");
        Assert.Equal(LoginError.ToolUnsupported, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
    }

    [Fact]
    public async Task SignIn_AToolThatLeaves_IsGone()
    {
        var (tool, signIn) = await StartAsync(new FakeRedis(_certificate));
        await SayAsync(tool, "*1\r\n$4");
        await tool.DisposeAsync();
        await Assert.ThrowsAsync<ToolGoneException>(() => signIn);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
    }

    private async Task<(Stream Tool, Task<Stream?> SignIn)> StartAsync(FakeRedis server, bool withCredentials = true)
    {
        var (tool, local) = await StreamPair.CreateAsync();
        var login = new Login(Host, _authority.Certificates, withCredentials ? _credentials : null);
        return (tool, new RedisEngine(_time).SignInAsync(local, server.DialAsync, login, CancellationToken.None));
    }

    private static Task SayAsync(Stream tool, string text) => tool.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    private static async Task<string> ReadAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private sealed class Credentials : ILoginCredentials
    {
        public string? User { get; set; } = "app";

        public DatabaseCredentials? Given { get; private set; }

        public bool IsRefused { get; private set; }

        public Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken) =>
            Task.FromResult(Given = new DatabaseCredentials(User, Password, "hint"));

        /// <summary>What the secret says once the first one was refused; null for the same.</summary>
        public string? Rotated { get; set; }

        public Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken)
        {
            IsRefused = true;
            return Task.FromResult(Rotated is null ? null : new DatabaseCredentials(User, Rotated, "hint"));
        }
    }
}
