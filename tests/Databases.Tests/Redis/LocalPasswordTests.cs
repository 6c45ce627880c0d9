using System.Security.Cryptography.X509Certificates;
using System.Text;
using RdsTunnel.Databases.Redis;
using RdsTunnel.Databases.Tests.Support;

namespace RdsTunnel.Databases.Tests.Redis;

/// <summary>A tunnel that asks tools for a password of its own, before it does anything for them.</summary>
public sealed class LocalPasswordTests : IDisposable
{
    private const string Host = "master.sessions.abc123.euw1.cache.amazonaws.com";
    private const string Local = "correct-horse-battery";
    private const string Ping = "*1\r\n$4\r\nPING\r\n";
    private const string NoAuth = "-NOAUTH Authentication required.\r\n";

    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly FakeLogin _credentials = new();

    public LocalPasswordTests() => _certificate = _authority.Issue(Host);

    [Theory]
    [InlineData("AUTH", Local)]
    [InlineData("auth", "default", Local)]
    [InlineData("HELLO", "3", "AUTH", "default", Local)]
    [InlineData("HELLO", "3", "SETNAME", "cli", "auth", "default", Local)]
    public async Task SignIn_WithIt_SignsInToTheDatabase(params string[] command)
    {
        var isHello = command[0] == "HELLO";
        var server = new FakeRedis(_certificate, isHello ? ["+OK\r\n", "%0\r\n", "+PONG\r\n"] : ["+OK\r\n", "+PONG\r\n"]);
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, Command(command) + Ping);
        Assert.Equal(isHello ? "%0\r\n" : "+OK\r\n", await ReadAsync(tool, isHello ? 4 : 5));
        await using var database = await signIn;
        Assert.Equal("+PONG\r\n", await ReadAsync(database!, 7));
        Assert.DoesNotContain(server.Heard, heard => heard.Contains(Local, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SignIn_CommandsBeforeIt_AreAnsweredAsAServerDoes()
    {
        var server = new FakeRedis(_certificate, "+OK\r\n", "+PONG\r\n");
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, Command("COMMAND", "DOCS") + Command("HELLO", "3") + Ping + Command("AUTH", Local) + Ping);
        Assert.Equal(NoAuth + NoAuth + NoAuth + "+OK\r\n", await ReadAsync(tool, (3 * NoAuth.Length) + 5));
        await using var database = await signIn;
        Assert.Equal("+PONG\r\n", await ReadAsync(database!, 7));
        Assert.Equal(["AUTH app s3cret-of-app", "PING"], server.Heard);
    }

    [Theory]
    [InlineData("AUTH", "the database's own")]
    [InlineData("AUTH", "default", "")]
    [InlineData("HELLO", "3", "AUTH", "correct-horse-battery", "no")]
    public async Task SignIn_WithAnotherPassword_IsToldSoAndReachesNothing(params string[] command)
    {
        var server = new FakeRedis(_certificate);
        var (tool, signIn) = await StartAsync(server);
        await SayAsync(tool, Command(command) + Ping);
        // Once for each command.
        var told = "-WRONGPASS RDS Tunnel: The local password is wrong. Enter the tunnel's local password, not the database's.\r\n";
        Assert.Equal(told + told, await ReadAsync(tool, 2 * told.Length));
        await tool.DisposeAsync();
        Assert.Equal(LoginError.WrongLocalPassword, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Equal(0, server.Dialled);
        Assert.Equal(0, _credentials.Asked);
    }

    [Fact]
    public async Task SignIn_CommandsWithoutEnd_AreNotAnsweredForEver()
    {
        var (tool, signIn) = await StartAsync(new FakeRedis(_certificate));
        await SayAsync(tool, string.Concat(Enumerable.Repeat(Ping, 17)));
        Assert.Equal(string.Concat(Enumerable.Repeat(NoAuth, 16)), await ReadAsync(tool, 16 * NoAuth.Length));
        await tool.DisposeAsync();
        Assert.Equal(LoginError.WrongLocalPassword, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
    }

    private async Task<(Stream Tool, Task<Stream?> SignIn)> StartAsync(FakeRedis server)
    {
        var (tool, local) = await StreamPair.CreateAsync();
        var login = new Login(Host, _authority.Certificates, _credentials) { LocalPassword = new LocalPassword(Local, new HastyTime()) };
        return (tool, new RedisEngine(TimeProvider.System).SignInAsync(local, server.DialAsync, login, CancellationToken.None));
    }

    private static string Command(params string[] words) =>
        $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"));

    private static Task SayAsync(Stream tool, string text) => tool.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    private static async Task<string> ReadAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
