using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>A tunnel that asks tools for a password of its own, before it asks for the database's.</summary>
public sealed class LocalPasswordTests
{
    private const string Local = "correct-horse-battery";

    [Theory]
    [InlineData(Plugins.Native)]
    [InlineData(Plugins.CachingSha2)]
    public async Task SignIn_WithIt_SignsInToTheDatabase(string plugin)
    {
        await using var scene = await StartAsync(plugin);
        await AnswerAsync(scene, Local, plugin);
        await AssertAdmittedAsync(scene, plugin);
    }

    [Theory]
    [InlineData(Plugins.CachingSha2, Plugins.Native, Plugins.Native)]
    [InlineData(Plugins.Native, Plugins.CachingSha2, Plugins.CachingSha2)]
    [InlineData(Plugins.Native, "auth_gssapi_client", Plugins.Native)]
    public async Task SignIn_AToolWithAnotherPlugin_IsSwitchedToOneThatBothHave(string server, string tool, string common)
    {
        await using var scene = await StartAsync(server);
        await scene.AnswerAsync(FakeTool.Response(tool));
        var request = AuthSwitchRequest.Read((await scene.Tool.ReadAsync()).Payload.Span);
        Assert.Equal(common, request.Plugin);
        await scene.Tool.SendAsync(writer => Plugins.WriteAnswer(writer, common, request.Data, System.Text.Encoding.ASCII.GetBytes(Local)));
        await AssertAdmittedAsync(scene, common);
    }

    [Fact]
    public async Task SignIn_AToolWithoutPlugins_AnswersAsTheOldOne()
    {
        await using var scene = await StartAsync(Plugins.CachingSha2);
        await AnswerAsync(scene, Local, Plugins.Native, FakeTool.Usual & ~Capability.PluginAuth);
        await AssertAdmittedAsync(scene, Plugins.Native);
    }

    [Theory]
    [InlineData(Plugins.Native, "the database's own")]
    [InlineData(Plugins.CachingSha2, "the database's own")]
    [InlineData(Plugins.Native, "")]
    [InlineData(Plugins.CachingSha2, "")]
    public async Task SignIn_WithAnotherPassword_IsToldSoAndGetsNoSecret(string plugin, string given)
    {
        await using var scene = await StartAsync(plugin);
        await AnswerAsync(scene, given, plugin);
        var error = await scene.Tool.ReadErrorAsync();
        Assert.Equal((1045, "28000"), (error.Number, error.State));
        Assert.Contains("The local password is wrong", error.Text, StringComparison.Ordinal);
        Assert.Equal(LoginError.WrongLocalPassword, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
        Assert.Empty(scene.Credentials.Given);
    }

    [Fact]
    public async Task SignIn_WithAnotherPasswordAfterASwitch_IsToldSo()
    {
        await using var scene = await StartAsync(Plugins.CachingSha2);
        await scene.AnswerAsync(FakeTool.Response(Plugins.Native));
        var request = AuthSwitchRequest.Read((await scene.Tool.ReadAsync()).Payload.Span);
        await scene.Tool.SendAsync(writer => Plugins.WriteAnswer(writer, Plugins.Native, request.Data, "the database's own"u8));
        Assert.Equal(1045, (await scene.Tool.ReadErrorAsync()).Number);
        Assert.Empty(scene.Credentials.Given);
    }

    private static Task<Scene> StartAsync(string plugin) =>
        Scene.StartAsync(certificate => new FakeMySql(certificate) { Plugin = plugin }, localPassword: Local);

    private static async Task AnswerAsync(Scene scene, string password, string plugin, Capability capabilities = FakeTool.Usual)
    {
        var greeting = await scene.Tool.ReadGreetingAsync();
        using var answer = new PayloadWriter();
        Plugins.WriteAnswer(answer, plugin, greeting.Nonce, System.Text.Encoding.ASCII.GetBytes(password));
        await scene.Tool.SendAsync(FakeTool.Response(plugin, answer.Written.ToArray(), capabilities).Write);
    }

    private static async Task AssertAdmittedAsync(Scene scene, string plugin)
    {
        if (plugin == Plugins.CachingSha2)
        {
            Assert.True(Plugins.IsFastAuthSucceeded(await scene.Tool.ReadAsync()));
        }

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
        await using var database = await scene.SignedIn;
        Assert.Single(scene.Credentials.Given);
    }
}
