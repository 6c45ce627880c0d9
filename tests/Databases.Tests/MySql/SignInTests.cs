using System.Text;
using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

public class SignInTests
{
    [Theory]
    [InlineData(Plugins.Native, null, false)]
    [InlineData(Plugins.Native, Plugins.ClearText, false)]
    [InlineData(Plugins.Native, Plugins.CachingSha2, true)]
    [InlineData(Plugins.Native, Plugins.CachingSha2, false)]
    [InlineData(Plugins.CachingSha2, null, true)]
    [InlineData(Plugins.CachingSha2, null, false)]
    [InlineData(Plugins.CachingSha2, Plugins.Native, false)]
    [InlineData(Plugins.CachingSha2, Plugins.ClearText, false)]
    [InlineData(Plugins.Sha256, null, false)]
    [InlineData("auth_gssapi_client", Plugins.Native, false)]
    [InlineData(Plugins.Native, Plugins.ClientEd25519, false)]
    [InlineData(Plugins.CachingSha2, Plugins.ClientEd25519, false)]
    [InlineData(Plugins.ClientEd25519, Plugins.ClientEd25519, false)] // its nonce has no room in a greeting
    [InlineData(Plugins.Native, Plugins.Parsec, false)]
    [InlineData(Plugins.Parsec, Plugins.Parsec, false)]
    public async Task SignIn_WhateverPluginTheServerWants_PassesAllThatFollows(string plugin, string? switchTo, bool isCached)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Plugin = plugin,
            SwitchTo = switchTo,
            IsCached = isCached,
        });
        await scene.AnswerAsync();
        Assert.True((await scene.Tool.ReadAsync()).IsOk);

        await using var database = await scene.SignedIn;
        var server = await scene.Served[0];
        await database!.WriteAsync("select 1"u8.ToArray());
        var asked = new byte[8];
        await server!.ReadExactlyAsync(asked);
        Assert.Equal("select 1", Encoding.ASCII.GetString(asked));
        Assert.Equal(0, scene.Credentials.Refusals);
    }

    [Fact]
    public async Task SignIn_LongToken_ArrivesWhole()
    {
        var token = string.Concat(Enumerable.Repeat("X-Amz-Token%2F", 120));
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Password = Encoding.ASCII.GetBytes(token),
            SwitchTo = Plugins.ClearText,
        });
        scene.Credentials.Password = token;
        await scene.AnswerAsync();

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, true)]
    [InlineData(5, false)]
    public async Task SignIn_Parsec_DoesAsManyIterationsAsTheServerSays(byte factor, bool escapesSalt)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            SwitchTo = Plugins.Parsec,
            IterationFactor = factor,
            EscapesSalt = escapesSalt,
        });
        await scene.AnswerAsync();

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Theory]
    [InlineData("")]
    [InlineData("pässwörd, longer than the thirty-two bytes of a seed")]
    public async Task SignIn_Ed25519_TakesAPasswordOfAnyLength(string password)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            SwitchTo = Plugins.ClientEd25519,
            Password = Encoding.UTF8.GetBytes(password),
        });
        scene.Credentials.Password = password;
        await scene.AnswerAsync();

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Theory]
    [InlineData(Plugins.ClientEd25519)]
    [InlineData(Plugins.Parsec)]
    public async Task SignIn_SignedWithAnotherPassword_IsRefused(string plugin)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { SwitchTo = plugin });
        scene.Credentials.Password = "wrong-Pa55word";
        await scene.AnswerAsync();

        Assert.Equal(1045, (await scene.Tool.ReadErrorAsync()).Number);
        Assert.Equal(LoginError.DatabaseRefused, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
        Assert.Equal(1, scene.Credentials.Refusals);
    }

    [Theory]
    [InlineData(Plugins.Native)]
    [InlineData(Plugins.CachingSha2)]
    public async Task SignIn_EmptyPassword_SendsAnEmptyAnswer(string plugin)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { Plugin = plugin });
        scene.Credentials.Password = "";
        await scene.AnswerAsync();
        await scene.Tool.ReadErrorAsync();

        Assert.Equal(0, scene.Server.Response!.Answer.Length);
    }

    [Fact]
    public async Task SignIn_Credentials_AreZeroedAfterwards()
    {
        await using var scene = await Scene.StartAsync();
        await scene.AnswerAsync();
        await using var database = await scene.SignedIn;

        Assert.All(scene.Credentials.Given[0].Password.ToArray(), each => Assert.Equal(0, each));
    }

    [Fact]
    public async Task Greeting_IsTheServersOwn_WithoutTlsAndCompressionAndWithANonceOfOurs()
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { Plugin = Plugins.CachingSha2 });
        var greeting = await scene.AnswerAsync();
        await using var database = await scene.SignedIn;

        var server = scene.Server.Greeting;
        Assert.Equal(
            server.Capabilities & ~(Capability.Ssl | Capability.Compress | Capability.ZstdCompression | Capability.MultiFactor),
            greeting.Capabilities
        );
        Assert.Equal(
            (server.ThreadId, server.Charset, server.Status, server.Plugin),
            (greeting.ThreadId, greeting.Charset, greeting.Status, greeting.Plugin)
        );
        Assert.Equal(server.Version, greeting.Version);
        Assert.Equal(server.Reserved, greeting.Reserved);
        Assert.NotEqual(server.Nonce, greeting.Nonce);
        Assert.DoesNotContain((byte)0, greeting.Nonce);
    }

    [Fact]
    public async Task Response_KeepsTheToolsDatabaseFlagsAndAttributes_AndNamesTheLoginsUser()
    {
        await using var scene = await Scene.StartAsync();
        await scene.AnswerAsync(FakeTool.Response(capabilities: FakeTool.Usual | (Capability)(1 << 16))); // several statements
        await using var database = await scene.SignedIn;

        var response = scene.Server.Response!;
        Assert.Equal("app", Encoding.UTF8.GetString(response.User));
        Assert.Equal("orders", Encoding.UTF8.GetString(response.Database!));
        Assert.Equal(FakeTool.Attributes, response.Attributes);
        Assert.Equal(FakeTool.Usual | (Capability)(1 << 16) | Capability.Ssl, response.Capabilities);
        // MySQL reads flags and charset from the request for TLS alone.
        using var writer = new PayloadWriter();
        response.WriteSslRequest(writer);
        Assert.Equal(writer.Written.ToArray(), scene.Server.SslRequest);
    }

    [Fact]
    public async Task Response_FlagsThatWereNotOffered_AreNotPassedOn()
    {
        await using var scene = await Scene.StartAsync();
        await scene.AnswerAsync(
            FakeTool.Response(capabilities: FakeTool.Usual | Capability.Compress | Capability.ZstdCompression | Capability.MultiFactor)
        ); // MySQL 9's client sets the last
        Assert.True((await scene.Tool.ReadAsync()).IsOk);

        Assert.Equal(FakeTool.Usual | Capability.Ssl, scene.Server.Response!.Capabilities);
    }

    [Fact]
    public async Task SignIn_OldToolWithoutPlugins_IsSignedIn()
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { SwitchTo = Plugins.CachingSha2 });
        await scene.AnswerAsync(FakeTool.Response(answer: new byte[20], capabilities: Capability.Protocol41 | Capability.SecureConnection));

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
        Assert.Null(scene.Server.Response!.Database);
    }

    [Theory]
    [InlineData(Plugins.CachingSha2, Plugins.CachingSha2)] // MySQL's client, to a MariaDB
    [InlineData("client_ed25519", Plugins.Native)]
    [InlineData(Plugins.Sha256, Plugins.Native)]
    public async Task SignIn_AToolOfAnotherPlugin_IsAskedOnceMoreAsServersDo(string tool, string common)
    {
        await using var scene = await Scene.StartAsync();
        await scene.AnswerAsync(FakeTool.Response(tool));
        Assert.Equal(common, AuthSwitchRequest.Read((await scene.Tool.ReadAsync()).Payload.Span).Plugin);
        await scene.Tool.SendAsync(_ => { }); // it has no password
        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Fact]
    public async Task SignIn_AToolWithClearText_IsAskedForNothingElse()
    {
        await using var scene = await Scene.StartAsync();
        await scene.AnswerAsync(FakeTool.Response(Plugins.ClearText, [.. "typed by habit"u8, 0]));
        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Fact]
    public async Task SignIn_ASecretThatWasRotatedMeanwhile_IsTriedOnceMore()
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { Password = "another one"u8.ToArray() });
        scene.Credentials.Rotated = "another one";
        await scene.AnswerAsync();
        Assert.True((await scene.Tool.ReadAsync()).IsOk);
        Assert.Equal((1, 2), (scene.Credentials.Refusals, scene.Served.Count));
    }

    [Fact]
    public async Task SignIn_APasswordWithAZero_IsNotCutOffThere()
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Password = "s3cret"u8.ToArray(),
            SwitchTo = Plugins.ClearText,
        });
        scene.Credentials.Password = "s3cret\0and more";
        await scene.AnswerAsync();
        Assert.Contains("zero character", (await scene.Tool.ReadErrorAsync()).Text, StringComparison.Ordinal);
        Assert.Null(
            await scene.Served[0].ContinueWith(served => served.IsCompletedSuccessfully ? served.Result : null, TaskScheduler.Default)
        );
    }

    [Fact]
    public async Task Response_AttributesUpToTheServersLimit_ArePassedOn()
    {
        byte[] attributes = [4, .. "long"u8, 0xfd, 0xf5, 0xff, 0, .. new byte[65_525]]; // 65,536 − 2
        await using var scene = await Scene.StartAsync();
        await scene.AnswerAsync(FakeTool.Response() with { Attributes = attributes });
        Assert.True((await scene.Tool.ReadAsync()).IsOk);
        Assert.Equal(attributes, scene.Server.Response!.Attributes);
    }

    [Fact]
    public async Task Response_AttributesBeyondTheServersLimit_AreAnsweredWithAnError()
    {
        await using var scene = await Scene.StartAsync();
        await scene.AnswerAsync(FakeTool.Response() with { Attributes = new byte[70_000] });
        var error = await scene.Tool.ReadErrorAsync();
        Assert.Equal(1251, error.Number);
        Assert.Contains("64 KiB of connection attributes", error.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)] // a zero, for no password
    [InlineData(32, true)]
    public async Task Admission_CachingSha2_SaysThatTheHashWasRightOnlyToAToolThatSentOne(int answerBytes, bool isTold)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate) { Plugin = Plugins.CachingSha2 });
        await scene.AnswerAsync(FakeTool.Response(Plugins.CachingSha2, new byte[answerBytes]));

        var packet = await scene.Tool.ReadAsync();
        Assert.Equal(isTold, Plugins.IsFastAuthSucceeded(packet));
        Assert.True((isTold ? await scene.Tool.ReadAsync() : packet).IsOk);
    }

    [Theory]
    [InlineData(Plugins.ClientEd25519)]
    [InlineData("auth_gssapi_client")]
    public async Task Admission_ToolThatWaitsForAnotherPluginsNonce_IsSwitchedToOneThatItHas(string plugin)
    {
        await using var scene = await Scene.StartAsync();
        await scene.AnswerAsync(FakeTool.Response(plugin));

        var request = AuthSwitchRequest.Read((await scene.Tool.ReadAsync()).Payload.Span);
        Assert.Equal((Plugins.Native, Greeting.NonceBytes + 1), (request.Plugin, request.Data.Length));
        await scene.Tool.SendAsync(_ => { }); // without a password
        Assert.True((await scene.Tool.ReadAsync()).IsOk);
        await using var database = await scene.SignedIn;
        Assert.NotNull(database);
    }

    [Fact]
    public async Task Credentials_ThatTakeLongerThanTheServerWaits_AreUsedOnANewConnection()
    {
        await using var scene = await Scene.StartAsync();
        var ready = new TaskCompletionSource();
        scene.Credentials.Ready = ready.Task;
        await scene.AnswerAsync();
        scene.Time.Advance(TimeSpan.FromSeconds(11));
        ready.SetResult();

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
        Assert.Equal(2, scene.Served.Count);
        Assert.NotNull(await scene.Served[1]);
    }

    [Fact]
    public async Task Credentials_AreNotAskedForBeforeTheToolHasAnswered()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Tool.ReadGreetingAsync();

        Assert.Empty(scene.Credentials.Given);
    }
}
