using System.Security.Cryptography;
using System.Text;
using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>Without a login the tool signs in by itself.</summary>
public class TlsOnlyTests
{
    [Fact]
    public async Task SignIn_WithTheToolsOwnPassword_GoesThrough()
    {
        await using var scene = await Scene.StartAsync(withCredentials: false);
        var greeting = await scene.Tool.ReadGreetingAsync();
        await scene.Tool.SendAsync(Answer(greeting.Nonce).Write);

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
        Assert.NotNull(await scene.SignedIn);
        Assert.NotNull(await scene.Served[0]);
    }

    [Fact]
    public async Task SignIn_WrongPassword_ServersErrorReachesTheTool()
    {
        await using var scene = await Scene.StartAsync(withCredentials: false);
        await scene.Tool.ReadGreetingAsync();
        await scene.Tool.SendAsync(Answer(new byte[20]).Write);

        Assert.Equal(1045, (await scene.Tool.ReadErrorAsync()).Number);
        Assert.Equal(LoginError.DatabaseRefused, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
    }

    [Fact]
    public async Task SignIn_PluginSwitched_CarriesQuestionAndAnswer()
    {
        await using var scene = await Scene.StartAsync(
            certificate => new FakeMySql(certificate) { SwitchTo = Plugins.Native },
            withCredentials: false
        );
        var greeting = await scene.Tool.ReadGreetingAsync();
        await scene.Tool.SendAsync(Answer(greeting.Nonce).Write);
        var nonce = AuthSwitchRequest.Read((await scene.Tool.ReadAsync()).Payload.Span).Nonce;
        await scene.Tool.SendAsync(writer => Plugins.WriteAnswer(writer, Plugins.Native, nonce, "s3cret"u8));

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Fact]
    public async Task CachingSha2_Remembered_NeedsNoMoreOfTheTool()
    {
        await using var scene = await Scene.StartAsync(
            certificate => new FakeMySql(certificate) { Plugin = Plugins.CachingSha2, IsCached = true },
            withCredentials: false
        );
        var greeting = await scene.Tool.ReadGreetingAsync();
        await scene.Tool.SendAsync(Answer(greeting.Nonce, Plugins.CachingSha2).Write);

        Assert.True(Plugins.IsFastAuthSucceeded(await scene.Tool.ReadAsync()));
        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Fact]
    public async Task CachingSha2_NotRemembered_TakesThePasswordThatTheToolEncrypts()
    {
        await using var scene = await Scene.StartAsync(
            certificate => new FakeMySql(certificate) { Plugin = Plugins.CachingSha2 },
            withCredentials: false
        );
        var greeting = await scene.Tool.ReadGreetingAsync();
        await scene.Tool.SendAsync(Answer(greeting.Nonce, Plugins.CachingSha2).Write);
        Assert.True(Plugins.IsPasswordWanted(await scene.Tool.ReadAsync()));
        await scene.Tool.SendAsync(writer => writer.Byte(2));
        using var key = RSA.Create();
        key.ImportFromPem(Encoding.ASCII.GetString((await scene.Tool.ReadAsync()).Payload.Span[1..]));
        var masked = "s3cret\0"u8.ToArray().Zip(greeting.Nonce, (one, other) => (byte)(one ^ other)).ToArray();
        await scene.Tool.SendAsync(writer => writer.Bytes(key.Encrypt(masked, RSAEncryptionPadding.OaepSHA1)));

        Assert.True((await scene.Tool.ReadAsync()).IsOk);
    }

    [Fact]
    public async Task CachingSha2_PasswordThatCannotBeDecrypted_IsAnErrorForTheTool()
    {
        await using var scene = await Scene.StartAsync(
            certificate => new FakeMySql(certificate) { Plugin = Plugins.CachingSha2 },
            withCredentials: false
        );
        var greeting = await scene.Tool.ReadGreetingAsync();
        await scene.Tool.SendAsync(Answer(greeting.Nonce, Plugins.CachingSha2).Write);
        await scene.Tool.ReadAsync();
        await scene.Tool.SendAsync(writer => writer.Byte(2));
        await scene.Tool.ReadAsync();
        await scene.Tool.SendAsync(writer => writer.Bytes(new byte[256]));

        Assert.Equal(1251, (await scene.Tool.ReadErrorAsync()).Number);
    }

    private static HandshakeResponse Answer(byte[] nonce, string plugin = Plugins.Native)
    {
        using var writer = new PayloadWriter();
        Plugins.WriteAnswer(writer, plugin, nonce, "s3cret"u8);
        return FakeTool.Response(plugin, writer.Written.ToArray()) with { User = "app"u8.ToArray() };
    }
}
