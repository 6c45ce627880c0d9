using System.Text;
using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>Tools that insist on TLS, on a port that has it.</summary>
public class LocalTlsTests
{
    private const string Local = "the-local-password";

    [Fact]
    public async Task Greeting_OffersTls()
    {
        await using var scene = await Scene.StartAsync(localTls: true);

        Assert.True((await scene.Tool.ReadGreetingAsync()).Capabilities.HasFlag(Capability.Ssl));
    }

    [Fact]
    public async Task Tool_ThatAsksForTls_IsSignedInWithinIt()
    {
        await using var scene = await Scene.StartAsync(localTls: true);
        await scene.Tool.ReadGreetingAsync();
        await scene.Tool.EncryptAsync(scene.Trusts);
        await scene.Tool.SendAsync(Encrypted().Write);
        Assert.True((await scene.Tool.ReadAsync()).IsOk);

        await using var database = await scene.SignedIn;
        Assert.Equal("app", Encoding.UTF8.GetString(scene.Server.Response!.User));
        Assert.Equal(FakeTool.Usual | Capability.Ssl, scene.Server.Response.Capabilities);
    }

    [Fact]
    public async Task Tool_WithoutTls_IsServedAsWell()
    {
        await using var scene = await Scene.StartAsync(localTls: true);
        await scene.AnswerAsync();

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Theory]
    [InlineData(Local, true)]
    [InlineData("another", false)]
    public async Task Tool_WithinTls_IsAskedForTheLocalPassword(string password, bool isRight)
    {
        await using var scene = await Scene.StartAsync(localTls: true, localPassword: Local);
        var greeting = await scene.Tool.ReadGreetingAsync();
        await scene.Tool.EncryptAsync(scene.Trusts);
        using var answer = new PayloadWriter();
        Plugins.WriteAnswer(answer, Plugins.Native, greeting.Nonce, Encoding.ASCII.GetBytes(password));
        await scene.Tool.SendAsync((Encrypted() with { Answer = answer.Written.ToArray() }).Write);

        Assert.Equal(isRight, (await scene.Tool.ReadAsync()).IsOk);
        Assert.Equal(isRight ? 1 : 0, scene.Credentials.Given.Count);
    }

    [Fact]
    public async Task Tool_ThatAsksForTlsWithinTls_IsToldNothing()
    {
        await using var scene = await Scene.StartAsync(localTls: true);
        await scene.Tool.ReadGreetingAsync();
        await scene.Tool.EncryptAsync(scene.Trusts);
        await scene.Tool.SendAsync(Encrypted().WriteSslRequest);

        Assert.Equal(LoginError.NotTheProtocol, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
        Assert.Empty(scene.Credentials.Given);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")]
    [InlineData("\u0005\u0000\u0000\u0002abcde")]
    public async Task ProgramOfAnotherProtocolWithinTls_IsToldNothing(string words)
    {
        await using var scene = await Scene.StartAsync(localTls: true);
        await scene.Tool.ReadGreetingAsync();
        await scene.Tool.EncryptAsync(scene.Trusts);
        await scene.Tool.Stream.WriteAsync(Encoding.Latin1.GetBytes(words));

        Assert.Equal(LoginError.NotTheProtocol, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
        Assert.Empty(scene.Credentials.Given);
    }

    [Fact]
    public async Task Failure_WithinTls_IsToldWithinIt()
    {
        await using var scene = await Scene.StartAsync(localTls: true);
        scene.Credentials.Ready = Task.FromException(new LoginException(LoginError.Unavailable, "You aren't signed in."));
        await scene.Tool.ReadGreetingAsync();
        await scene.Tool.EncryptAsync(scene.Trusts);
        await scene.Tool.SendAsync(Encrypted().Write);

        Assert.Equal(new ErrorPacket(1105, "HY000", "RDS Tunnel: You aren't signed in."), await scene.Tool.ReadErrorAsync());
    }

    private static HandshakeResponse Encrypted() => FakeTool.Response(capabilities: FakeTool.Usual | Capability.Ssl);
}
