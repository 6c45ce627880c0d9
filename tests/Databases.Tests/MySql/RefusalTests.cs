using System.Text;
using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

public class RefusalTests
{
    [Theory]
    [InlineData(1040, "it has too many connections")]
    [InlineData(1129, "it has blocked the jump host after failed connections")]
    public async Task ServerError_InPlaceOfTheGreeting_ReachesTheToolAsItCame(int number, string words)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            FirstError = new ErrorPacket((ushort)number, "", "The server's own words"),
        });

        Assert.Equal(new ErrorPacket((ushort)number, "", "The server's own words"), await scene.Tool.ReadErrorAsync());
        var failure = await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn);
        Assert.Equal(LoginError.DatabaseRefused, failure.Error);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongPassword_ServersErrorReachesTheTool_AndTheCredentialsAreNotUsedAgain()
    {
        await using var scene = await Scene.StartAsync();
        scene.Credentials.Password = "wrong-Pa55word";
        await scene.AnswerAsync();

        Assert.Equal(new ErrorPacket(1045, "28000", "Access denied for user (fake)"), await scene.Tool.ReadErrorAsync());
        var failure = await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn);
        Assert.Equal("The database refused the sign-in: access denied for this user (error 1045, 28000).", failure.Message);
        Assert.Equal(1, scene.Credentials.Refusals);
        Assert.DoesNotContain("wrong-Pa55word", failure.ToString(), StringComparison.Ordinal);
        // The server's words may name people and addresses: they are the tool's alone.
        Assert.DoesNotContain("fake", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CertificateOfAnotherName_IsAnErrorForTheTool_AndNoPasswordIsSent()
    {
        await using var scene = await Scene.StartAsync(certificateOf: "elsewhere.example");
        await scene.AnswerAsync();

        var error = await scene.Tool.ReadErrorAsync();
        Assert.Equal((2026, "HY000"), (error.Number, error.State));
        Assert.Contains("the certificate is for another host name", error.Text, StringComparison.Ordinal);
        Assert.Equal(LoginError.CertificateRefused, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
        Assert.Null(scene.Server.Response);
    }

    [Fact]
    public async Task ServerWithoutTls_IsAnErrorForTheTool_AndNoPasswordIsSent()
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Capabilities = FakeMySql.AllCapabilities & ~Capability.Ssl,
        });

        var error = await scene.Tool.ReadErrorAsync();
        Assert.Equal((2026, ""), (error.Number, error.State)); // before the greeting errors have no state
        Assert.Contains("doesn't support TLS", error.Text, StringComparison.Ordinal);
        Assert.Empty(scene.Credentials.Given);
    }

    [Theory]
    [InlineData("dialog")] // PAM's, in clear text only with pam_use_cleartext_plugin
    [InlineData("auth_gssapi_client")]
    public async Task PluginThatIsNotSpoken_IsNamedToTheTool(string plugin)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { SwitchTo = plugin });
        await scene.AnswerAsync();

        var error = await scene.Tool.ReadErrorAsync();
        Assert.Equal((1251, "08004"), (error.Number, error.State));
        Assert.Contains(plugin, error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DatabaseThatCannotBeReached_IsAnErrorForTheTool()
    {
        await using var scene = await Scene.StartAsync(
            beforeDial: Task.FromException(new LoginException(LoginError.Unavailable, "No session could be opened."))
        );

        Assert.Equal(new ErrorPacket(1105, "", "RDS Tunnel: No session could be opened."), await scene.Tool.ReadErrorAsync());
    }

    [Fact]
    public async Task CredentialsThatCannotBeHad_AreAnErrorForTheTool()
    {
        await using var scene = await Scene.StartAsync();
        scene.Credentials.Ready = Task.FromException(new LoginException(LoginError.Unavailable, "You aren't signed in."));
        await scene.AnswerAsync();

        Assert.Equal(new ErrorPacket(1105, "HY000", "RDS Tunnel: You aren't signed in."), await scene.Tool.ReadErrorAsync());
    }

    [Fact]
    public async Task ToolThatWantsTls_IsToldToTurnItOff()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Tool.ReadGreetingAsync();
        await scene.Tool.SendAsync((FakeTool.Response() with { Capabilities = FakeTool.Usual | Capability.Ssl }).WriteSslRequest);

        Assert.Contains("Turn off TLS in the tool", (await scene.Tool.ReadErrorAsync()).Text, StringComparison.Ordinal);
        Assert.Equal(LoginError.ToolUnsupported, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
        Assert.Empty(scene.Credentials.Given);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000")] // TLS
    [InlineData("*1\r\n$4\r\nPING\r\n")]
    [InlineData("\u0020\u0000\u0000\u0001")] // MySQL's own, too early
    public async Task ProgramThatSpeaksBeforeTheGreeting_IsToldNothing_AndNotWaitedFor(string words)
    {
        var never = new TaskCompletionSource();
        await using var scene = await Scene.StartAsync(beforeDial: never.Task);
        await scene.Tool.Stream.WriteAsync(Encoding.Latin1.GetBytes(words.PadRight(64)));

        Assert.Equal(LoginError.NotTheProtocol, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
        Assert.Empty(scene.Served);
        Assert.Equal(0, ((System.Net.Sockets.NetworkStream)scene.Tool.Stream).Socket.Available);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")]
    [InlineData("\u0005\u0000\u0000\u0001abcde")] // no capabilities of 4.1
    [InlineData("\u0000\u0000\u0000\u0001")]
    [InlineData("\u0020\u0000\u0000\u0007")] // out of sequence
    public async Task ProgramThatAnswersTheGreetingInAnotherProtocol_IsToldNothing(string words)
    {
        await using var scene = await Scene.StartAsync();
        await scene.Tool.ReadGreetingAsync();
        await scene.Tool.Stream.WriteAsync(Encoding.Latin1.GetBytes(words.Length == 4 ? words.PadRight(36, '\u0002') : words));

        Assert.Equal(LoginError.NotTheProtocol, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
        Assert.Empty(scene.Credentials.Given);
        Assert.Equal(0, ((System.Net.Sockets.NetworkStream)scene.Tool.Stream).Socket.Available);
    }

    [Fact]
    public async Task ToolThatNeverAnswers_IsToldSoAfterAMinute()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Tool.ReadGreetingAsync();
        scene.Time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(
            new ErrorPacket(1159, "08S01", "RDS Tunnel: The tool didn't answer the greeting within 60 s."),
            await scene.Tool.ReadErrorAsync()
        );
        Assert.Equal(LoginError.TimedOut, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
    }

    [Fact]
    public async Task DatabaseThatNeverGreets_IsAnErrorForTheTool()
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { IsSilent = true });
        var error = scene.Tool.ReadErrorAsync();
        while (!error.IsCompleted)
        {
            scene.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(new ErrorPacket(1159, "", "RDS Tunnel: The database didn't greet within 60 s."), await error);
    }

    [Fact]
    public async Task ServerThatGoesInTheMiddle_IsAnErrorForTheTool()
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { GoesAfterTheGreeting = true });
        await scene.AnswerAsync();

        Assert.Equal((1158, "08S01"), (await scene.Tool.ReadErrorAsync()) is var error ? (error.Number, error.State) : default);
        Assert.Equal(LoginError.DatabaseGone, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("N")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task ServerOfAnotherProtocol_IsAnErrorForTheTool(string words)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            FirstBytes = Encoding.ASCII.GetBytes(words),
        });
        var error = await scene.Tool.ReadErrorAsync();

        Assert.DoesNotContain(words, error.Text, StringComparison.Ordinal);
        Assert.Equal(
            words.Length == 1 ? LoginError.DatabaseGone : LoginError.ProtocolError,
            (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error
        );
    }

    [Fact]
    public async Task ToolThatGoes_EndsTheDialling()
    {
        var never = new TaskCompletionSource();
        await using var scene = await Scene.StartAsync(beforeDial: never.Task);
        await scene.Tool.Stream.DisposeAsync();

        await Assert.ThrowsAsync<ToolGoneException>(() => scene.SignedIn);
    }
}
