using System.Text.Json.Nodes;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Tests.Support;
using RdsTunnel.Emulator;
using Xunit;

namespace RdsTunnel.Aws.Tests.AwsCli;

/// <summary>~/.aws/cli/cache is the AWS CLI's and ours: a code of a multi-factor device is given once for both.</summary>
public sealed class RoleCacheTests : IdentityFixture
{
    private const string Keys =
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    private const string Role = "arn:aws:iam::111122223333:role/Zürich";
    private const string Serial = "arn:aws:iam::111122223333:mfa/jane";
    private const string Profiles =
        $"[profile base]\n{Keys}[profile dev]\nrole_arn = {Role}\nsource_profile = base\nmfa_serial = {Serial}\nduration_seconds = 3600\nexternal_id = a\"b\\c/d\n";

    private string CacheFolder => Path.Combine(Home, ".aws", "cli", "cache");

    private protected override EmulatorOptions Options =>
        new() { Roles = [new(Role, ExternalId: "a\"b\\c/d", MfaSerial: Serial, MfaCode: "123456")] };

    [AwsCliFact]
    public async Task AssumeRole_KeptByTheAwsCli_IsUsedWithoutACode()
    {
        Config(Profiles);
        var question = Question();
        question["write"] = new JsonObject
        {
            ["AccessKeyId"] = "ASIATHEIRS",
            ["SecretAccessKey"] = "s",
            ["SessionToken"] = "t",
            ["Expiration"] = InAnHour(),
        };
        AwsCliLibrary.Ask("answers.py", [question]);

        var ours = await CredentialsOf(Services, "dev").GetCredentialsAsync();

        Assert.Equal(("ASIATHEIRS", "s", "t"), (ours.AccessKey, ours.SecretKey, ours.Token));
        Assert.Empty(MfaCodes.Asked);
    }

    [AwsCliFact]
    public async Task AssumeRole_KeptByUs_IsReadByTheAwsCli()
    {
        Config(Profiles);
        var ours = await CredentialsOf(Services, "dev").GetCredentialsAsync();
        var question = Question();
        question["read"] = true;

        var theirs = AwsCliLibrary.Ask("answers.py", [question]).Single();

        Assert.Equal(
            $"""["{ours.AccessKey}","{ours.SecretKey}","{ours.Token}"]""",
            theirs.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
        );
    }

    [Fact]
    public async Task AssumeRole_KeptByAnotherWindow_IsUsedWithoutACode()
    {
        Config(Profiles);
        await CredentialsOf(Services, "dev").GetCredentialsAsync();
        using var other = new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault);

        await CredentialsOf(other, "dev").GetCredentialsAsync();

        Assert.Single(MfaCodes.Asked);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Assert.Single(Directory.GetFiles(CacheFolder)))
            );
        }
    }

    [Fact]
    public async Task AssumeRole_KeptButDue_IsAssumedAgain()
    {
        Config(Profiles);
        await CredentialsOf(Services, "dev").GetCredentialsAsync();
        Time.Advance(TimeSpan.FromMinutes(56));
        using var other = new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault);

        await CredentialsOf(other, "dev").GetCredentialsAsync();

        Assert.Equal(2, MfaCodes.Asked.Count);
    }

    [Fact]
    public async Task AssumeRole_KeptForAnotherCaller_IsAssumedAgain()
    {
        Config(Profiles);
        await CredentialsOf(Services, "dev").GetCredentialsAsync();
        Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/";
        Config(Profiles.Replace("source_profile = base", "credential_source = EcsContainer", StringComparison.Ordinal));

        var e = await Assert.ThrowsAsync<AwsException>(() => PassTimeUntilAsync(CredentialsOf(Services, "dev").GetCredentialsAsync()));

        Assert.Contains("The container provides no credentials", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AssumeRole_InTwoRegionsAtTheSameTime_AsksForOneCode()
    {
        Config(Profiles);
        AwsSettings[] settings = [new("dev", "eu-west-1", null, false, false), new("dev", "eu-central-1", null, false, false)];

        await Task.WhenAll(settings.Select(each => Services.CredentialsOf(each).GetCredentialsAsync()));

        Assert.Single(MfaCodes.Asked);
    }

    [Fact]
    public async Task AssumeRole_FolderCannotBeMade_IsKeptInMemoryAndSaidOnce()
    {
        Config(Profiles);
        await File.WriteAllTextAsync(Path.Combine(Home, ".aws", "cli"), "no folder");
        AwsSettings[] settings = [new("dev", "eu-west-1", null, false, false), new("dev", "eu-central-1", null, false, false)];

        foreach (var each in settings)
        {
            await Services.CredentialsOf(each).GetCredentialsAsync();
        }

        Assert.Single(MfaCodes.Asked);
        Assert.Single(Logs.Lines, line => line.Contains("isn't shared with the AWS CLI", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Forget_RoleThatAwsAcceptsNoLonger_IsTakenOutOfTheCache()
    {
        Config(Profiles);
        var credentials = CredentialsOf(Services, "dev");
        await credentials.GetCredentialsAsync();

        credentials.Forget();

        Assert.Empty(Directory.GetFiles(CacheFolder));
        await credentials.GetCredentialsAsync();
        Assert.Equal(2, MfaCodes.Asked.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"Credentials":{"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t","Expiration":"soon"}}""")]
    [InlineData("""{"Credentials":{"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t"}}""")]
    public async Task AssumeRole_KeptIsBroken_IsAssumedAgain(string content)
    {
        Config(Profiles);
        await CredentialsOf(Services, "dev").GetCredentialsAsync();
        await File.WriteAllTextAsync(Directory.GetFiles(CacheFolder).Single(), content);
        using var other = new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault);

        Assert.NotNull(await CredentialsOf(other, "dev").GetCredentialsAsync());
        Assert.Equal(2, MfaCodes.Asked.Count);
    }

    private string InAnHour() =>
        Time.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private JsonObject Question() =>
        new()
        {
            ["env"] = new JsonObject { ["HOME"] = Home },
            ["profile"] = "dev",
        };
}
