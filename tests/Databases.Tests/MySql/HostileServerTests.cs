using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>Whatever a server says, the tool hears one error in its own protocol, and nothing of
/// the server's bytes is repeated in ours.</summary>
public class HostileServerTests
{
    private const string SwitchToParsec = "fe" + "70617273656300";
    private const string Nonce31 = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string Salt = "0102030405060708090a0b0c0d0e0f101112";

    [Theory]
    [InlineData("01")] // a question without a word
    [InlineData("0104")] // the password, for a plugin that has none to send
    [InlineData("0109")]
    [InlineData("02" + "6d7973716c00")] // one more factor
    [InlineData("fe" + "6d7973716c5f6e61746976655f70617373776f726400" + "0102")] // a nonce too short
    [InlineData("fe" + "1b5b33316d00")] // no name
    [InlineData("41424344")]
    [InlineData("fe" + "636c69656e745f6564323535313900" + Nonce31)] // client_ed25519
    [InlineData(SwitchToParsec + Nonce31, "50" + "00" + Salt)]
    [InlineData(SwitchToParsec + Nonce31 + "20", "")] // no salt
    [InlineData(SwitchToParsec + Nonce31 + "20", "50")]
    [InlineData(SwitchToParsec + Nonce31 + "20", "51" + "00" + Salt)] // another hash
    [InlineData(SwitchToParsec + Nonce31 + "20", "50" + "00" + Salt + "00")]
    [InlineData(SwitchToParsec + Nonce31 + "20", "0104")] // the password
    [InlineData(SwitchToParsec + Nonce31 + "20", "50" + "00" + Salt, "50" + "00" + Salt)] // a second salt
    public async Task Server_ThatAsksForWhatTheProtocolHasNot_IsAnErrorForTheTool(params string[] payloads)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Script = [.. payloads.Select(Convert.FromHexString)],
        });
        await scene.AnswerAsync();

        var error = await scene.Tool.ReadErrorAsync();
        Assert.Equal((1043, "08S01"), (error.Number, error.State));
        Assert.Equal(LoginError.ProtocolError, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(20)]
    [InlineData(255)]
    public async Task Server_ThatWantsTooManyIterations_IsRefusedBeforeTheyAreDone(byte factor)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Script = [Convert.FromHexString(SwitchToParsec + Nonce31 + "20"), [(byte)'P', factor, .. Convert.FromHexString(Salt)]],
        });
        await scene.AnswerAsync();

        var error = await scene.Tool.ReadErrorAsync();
        Assert.Equal((1251, "08004"), (error.Number, error.State));
        Assert.Contains("parsec_iterations", error.Text, StringComparison.Ordinal);
        Assert.Equal(LoginError.DatabaseUnsupported, (await Assert.ThrowsAsync<LoginException>(() => scene.SignedIn)).Error);
    }

    [Fact]
    public async Task Server_ThatSwitchesForEver_IsGivenUp()
    {
        byte[] request = [0xfe, .. "mysql_native_password\0"u8, .. Enumerable.Repeat((byte)7, 20), 0];
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Script = [.. Enumerable.Repeat(request, 8)],
        });
        await scene.AnswerAsync();

        Assert.Contains("never ends the sign-in", (await scene.Tool.ReadErrorAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatAsksForTheOldHash_IsRefusedByName()
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Script =
            [
                [0xfe],
            ],
        });
        await scene.AnswerAsync();

        Assert.Contains(AuthSwitchRequest.OldPassword, (await scene.Tool.ReadErrorAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Server_ThatSaysAnything_EndsTheSignInWithOneWordForTheTool() =>
        Prop.ForAll(Scripts.ToArbitrary(), RunAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    private static Gen<byte[][]> Scripts =>
        from count in Gen.Choose(0, 5)
        from packets in Gen.ArrayOf(
            from mark in Gen.Elements<byte>(0x00, 0x01, 0x02, 0xfe, 0xff, 0x41)
            from rest in Gen.ArrayOf(Gen.Choose(0, 255).Select(each => (byte)each))
            select (byte[])[mark, .. rest],
            count
        )
        select packets;

    private static async Task<bool> RunAsync(byte[][] script)
    {
        await using var scene = await Scene.StartAsync(certificate => new FakeMySql(certificate)
        {
            Plugin = Plugins.CachingSha2,
            Script = script,
        });
        await scene.AnswerAsync();
        var packet = await scene.Tool.ReadAsync();
        await ((Task)scene.SignedIn).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return packet.IsOk
            ? scene.SignedIn.IsCompletedSuccessfully
            : packet.IsError && scene.SignedIn.Exception?.InnerException is LoginException;
    }
}
