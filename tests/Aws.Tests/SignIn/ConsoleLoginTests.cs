using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>What <c>aws login</c> leaves is used and renewed in its own place, for the AWS CLI too.</summary>
public sealed class ConsoleLoginTests : ConsoleLoginFixture
{
    [Fact]
    public async Task Login_KeysAreGood_AreUsedAsTheyAre()
    {
        AwsLogin();
        var before = await File.ReadAllTextAsync(CacheFile);
        await StartSessionAsync("dev");
        Assert.Equal(before, await File.ReadAllTextAsync(CacheFile));
    }

    [Fact]
    public async Task Login_KeysAreOver_AreRenewedForTheAwsCliToo()
    {
        AwsLogin(keysEndIn: TimeSpan.FromMinutes(-1));
        await StartSessionAsync("dev");
        await StartSessionAsync("dev");

        var written = JsonNode.Parse(await File.ReadAllTextAsync(CacheFile))!;
        Assert.Equal("111122223333", (string?)written["accessToken"]!["accountId"]); // of others, and still there
        Assert.Equal("a.b.c", (string?)written["idToken"]);
        Assert.Equal(
            Time.GetUtcNow().AddMinutes(15).ToUnixTimeSeconds(),
            written["accessToken"]!["expiresAt"]!.GetValue<DateTimeOffset>().ToUnixTimeSeconds()
        );
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(CacheFile));
        }
    }

    [Fact]
    public async Task Login_AnotherProgramHasRenewedIt_ItsKeysAreUsed()
    {
        AwsLogin(keysEndIn: TimeSpan.FromMinutes(-1));
        var older = await File.ReadAllTextAsync(CacheFile);
        await StartSessionAsync("dev");
        var newer = await File.ReadAllTextAsync(CacheFile);

        // Between the reading of the file and the refusal of what stood in it.
        await File.WriteAllTextAsync(CacheFile, older);
        using var other = new AwsServices(
            Time,
            Logs,
            MfaCodes,
            name => name == "AWS_ENDPOINT_URL_SIGNIN" ? Swap() : Environment.GetValueOrDefault(name)
        );
        await CredentialsOf(other, "dev").GetCredentialsAsync().WaitAsync(Patience);
        Assert.Equal(newer, await File.ReadAllTextAsync(CacheFile));

        string? Swap()
        {
            File.WriteAllText(CacheFile, newer);
            return Environment["AWS_ENDPOINT_URL"];
        }
    }

    [Fact]
    public async Task Login_IsOver_NeedsAPersonAndSaysWhatToRun()
    {
        Assert.Contains("aws login --profile dev", (await SignInNeededAsync()).Message, StringComparison.Ordinal);
        AwsLogin(keysEndIn: TimeSpan.FromMinutes(-1));
        Emulator.ExpireSignIns();
        Assert.Contains("aws login --profile dev", (await SignInNeededAsync()).Message, StringComparison.Ordinal);

        // Whoever waits goes on by itself then.
        AwsLogin();
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task Login_TheKeyIsAnother_IsRefused()
    {
        AwsLogin(keysEndIn: TimeSpan.FromMinutes(-1));
        using var stolen = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = JsonNode.Parse(await File.ReadAllTextAsync(CacheFile))!;
        file["dpopKey"] = stolen.ExportECPrivateKeyPem();
        await File.WriteAllTextAsync(CacheFile, file.ToJsonString());
        await SignInNeededAsync();
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"accessToken":null}""")]
    [InlineData("""{"accessToken":{"accessKeyId":"a","secretAccessKey":"s","sessionToken":"t","expiresAt":"2020-01-01T00:00:00Z"}}""")]
    [InlineData(
        """{"accessToken":{"accessKeyId":"a","secretAccessKey":"s","sessionToken":"t","expiresAt":"2020-01-01T00:00:00Z"},"clientId":"c","refreshToken":"r","dpopKey":"k"}"""
    )]
    public async Task Login_TheFileIsOfNoUse_NeedsAPerson(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(CacheFile)!);
        await File.WriteAllTextAsync(CacheFile, text);
        await SignInNeededAsync();
    }

    [Fact]
    public async Task Login_TheFileNamesAForeignRegion_NoTokenLeaves()
    {
        AwsLogin(keysEndIn: TimeSpan.FromMinutes(-1));
        var file = JsonNode.Parse(await File.ReadAllTextAsync(CacheFile))!;
        file["signInRegion"] = "evil.example/";
        await File.WriteAllTextAsync(CacheFile, file.ToJsonString());
        using var byName = new AwsServices(
            Time,
            Logs,
            MfaCodes,
            name => name == "AWS_ENDPOINT_URL" ? null : Environment.GetValueOrDefault(name)
        );
        var e = await FailureAsync(() => CredentialsOf(byName, "dev").GetCredentialsAsync());
        Assert.Equal(AwsErrorCode.ConfigurationInvalid, e.Code);
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("role")]
    public async Task SignIn_TheProfileSignsInByTheAwsCli_SaysWhatToRun(string profile)
    {
        var e = await FailureAsync(() =>
            Services.SignIn.SignInAsync(new SsoReference(profile), SignInFlow.Auto, _ => { }, CancellationToken.None)
        );
        Assert.Contains("aws login --profile dev", e.Message, StringComparison.Ordinal);
    }

    private async Task<AwsException> SignInNeededAsync()
    {
        var e = await FailureAsync(() => StartSessionAsync("dev"));
        Assert.True(e.NeedsSignIn);
        return e;
    }
}
