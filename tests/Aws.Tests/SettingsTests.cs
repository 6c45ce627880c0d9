using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Configuration;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>Region, endpoint and identity are found as the AWS CLI finds them.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("rds-tunnel-aws-");
    private readonly Dictionary<string, string> _environment = [];

    public SettingsTests()
    {
        _environment["HOME"] = _home.FullName;
        _environment["AWS_EC2_METADATA_DISABLED"] = "true";
    }

    public void Dispose() => _home.Delete(recursive: true);

    [Theory]
    [InlineData("eu-west-1", "eu-west-2", "eu-west-3", "eu-west-1")]
    [InlineData(null, "eu-west-2", "eu-west-3", "eu-west-2")]
    [InlineData(null, null, "eu-west-3", "eu-west-3")]
    [InlineData(null, null, null, "eu-north-1")]
    public void Resolve_RegionInManyPlaces_ScopeBeforeEnvironmentBeforeProfile(
        string? scope,
        string? region,
        string? defaultRegion,
        string expected
    )
    {
        Config("[profile dev]\nregion = eu-north-1\n");
        Set("AWS_REGION", region);
        Set("AWS_DEFAULT_REGION", defaultRegion);

        Assert.Equal(expected, Resolve(new AwsScope("dev", scope)).Region);
    }

    [Fact]
    public void Resolve_NoRegionAnywhere_IsRegionMissing() =>
        Assert.Equal(AwsErrorCode.RegionMissing, Failure(() => Resolve(new AwsScope())).Code);

    [Theory]
    [InlineData("eu-west-1.evil.example/")]
    [InlineData("EU-WEST-1")]
    [InlineData("eu west 1")]
    public void Resolve_RegionThatWouldChangeTheHost_IsRefused(string region) =>
        Assert.Equal(AwsErrorCode.ConfigurationInvalid, Failure(() => Resolve(new AwsScope(Region: region))).Code);

    [Fact]
    public void Resolve_EndpointInManyPlaces_MostParticularWins()
    {
        Config(
            "[profile dev]\nregion = eu-west-1\nendpoint_url = https://profile.example\nservices = mine\n[services mine]\nssm =\n  endpoint_url = https://services.example\n"
        );
        Set("AWS_ENDPOINT_URL", "https://all.example");
        Set("AWS_ENDPOINT_URL_SSM", "https://ssm.example");

        Assert.Equal(
            "https://scope.example/",
            Resolve(new AwsScope("dev", EndpointUrl: new Uri("https://scope.example"))).EndpointUrl!.AbsoluteUri
        );
        Assert.Equal("https://ssm.example/", Resolve(new AwsScope("dev")).EndpointUrl!.AbsoluteUri);
        _environment.Remove("AWS_ENDPOINT_URL_SSM");
        Assert.Equal("https://all.example/", Resolve(new AwsScope("dev")).EndpointUrl!.AbsoluteUri);
        _environment.Remove("AWS_ENDPOINT_URL");
        Assert.Equal("https://services.example/", Resolve(new AwsScope("dev")).EndpointUrl!.AbsoluteUri);
        Config("[profile dev]\nregion = eu-west-1\nendpoint_url = https://profile.example\n");
        Assert.Equal("https://profile.example/", Resolve(new AwsScope("dev")).EndpointUrl!.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://localhost:4566", true)]
    [InlineData("http://127.0.0.1:4566", true)]
    [InlineData("http://[::1]:4566", true)]
    [InlineData("https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com", true)]
    [InlineData("http://ssm.example", false)]
    [InlineData("https://user:password@ssm.example", false)]
    [InlineData("https://ssm.example/?a=b", false)]
    [InlineData("ftp://ssm.example", false)]
    [InlineData("ssm.example", false)]
    public void Resolve_EndpointUrl_IsSecureOrLocal(string url, bool isUsable)
    {
        Set("AWS_REGION", "eu-west-1");
        Set("AWS_ENDPOINT_URL", url);

        if (isUsable)
        {
            Assert.Equal(new Uri(url), Resolve(new AwsScope()).EndpointUrl);
        }
        else
        {
            var e = Failure(() => Resolve(new AwsScope()));
            Assert.Equal(AwsErrorCode.ConfigurationInvalid, e.Code);
            Assert.DoesNotContain("password", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Resolve_FipsAndDualStack_EnvironmentBeforeProfile()
    {
        Config("[profile dev]\nregion = eu-west-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n");
        Set("AWS_USE_DUALSTACK_ENDPOINT", "false");

        Assert.True(Resolve(new AwsScope("dev")) is { UseFips: true, UseDualStack: false });
    }

    [Fact]
    public void SourceOf_OfAProfile_ComeFromEitherFile()
    {
        Config(
            "[profile a]\naws_access_key_id = CONFIG-A\naws_secret_access_key = s\n[profile b]\naws_access_key_id = CONFIG-B\naws_secret_access_key = s\nregion = eu-west-1\n"
        );
        Credentials("[a]\naws_access_key_id = CREDENTIALS-A\naws_secret_access_key = s\naws_session_token = t\n");

        Assert.Equal(new StaticKeys("CREDENTIALS-A", "s", "t"), Keys("a"));
        Assert.Equal(new StaticKeys("CONFIG-B", "s", null), Keys("b"));
    }

    [Fact]
    public void SourceOf_FilesAtOtherPaths_AreFound()
    {
        File.WriteAllText(Path.Combine(_home.FullName, "c1"), "[profile dev]\nregion = eu-west-1\n");
        File.WriteAllText(Path.Combine(_home.FullName, "c2"), "[dev]\naws_access_key_id = A\naws_secret_access_key = s\n");
        Set("AWS_CONFIG_FILE", Path.Combine(_home.FullName, "c1"));
        Set("AWS_SHARED_CREDENTIALS_FILE", "~/c2");

        Assert.Equal("eu-west-1", Resolve(new AwsScope("dev")).Region);
        Assert.Equal("A", Keys("dev").AccessKeyId);
    }

    [Fact]
    public void Resolve_NothingNamed_UsesTheDefaultProfile()
    {
        Config("[default]\nregion = eu-west-1\n");
        Credentials("[default]\naws_access_key_id = A\naws_secret_access_key = s\n");

        var settings = Resolve(new AwsScope());

        Assert.Equal("eu-west-1", settings.Region);
        Assert.Equal("A", Keys(settings.Profile).AccessKeyId);
    }

    [Fact]
    public void SourceOf_RenewedInTheFile_AreTheNewOnes()
    {
        Credentials("[dev]\naws_access_key_id = OLD\naws_secret_access_key = s\n");
        Assert.Equal("OLD", Keys("dev").AccessKeyId);

        Credentials("[dev]\naws_access_key_id = NEW\naws_secret_access_key = s\n");
        Assert.Equal("NEW", Keys("dev").AccessKeyId);
    }

    [Fact]
    public void Resolve_NoProfileAsked_KeysInTheEnvironmentBeforeAwsProfile()
    {
        Credentials("[dev]\naws_access_key_id = A\naws_secret_access_key = s\n");
        Set("AWS_REGION", "eu-west-1");
        Set("AWS_PROFILE", "dev");
        Assert.Equal("dev", Resolve(new AwsScope()).Profile);

        Set("AWS_ACCESS_KEY_ID", "E");
        Set("AWS_SECRET_ACCESS_KEY", "s");
        Assert.Null(Resolve(new AwsScope()).Profile);
        Assert.Equal("E", Keys(null).AccessKeyId);
    }

    [Fact]
    public void Resolve_ProfileAsked_WinsOverKeysInTheEnvironment()
    {
        Credentials("[dev]\naws_access_key_id = A\naws_secret_access_key = s\n");
        Set("AWS_REGION", "eu-west-1");
        Set("AWS_ACCESS_KEY_ID", "E");
        Set("AWS_SECRET_ACCESS_KEY", "s");

        Assert.Equal("dev", Resolve(new AwsScope("dev")).Profile);
    }

    [Fact]
    public void SourceOf_CredentialsFileBesideACredentialProcess_AreUsedAsTheAwsCliDoes()
    {
        Config("[profile dev]\ncredential_process = /bin/true\n");
        Credentials("[dev]\naws_access_key_id = A\naws_secret_access_key = s\n");

        Assert.Equal("A", Keys("dev").AccessKeyId);
    }

    [Fact]
    public void For_NoCredentialsAnywhere_IsCredentialsMissing()
    {
        using var services = new AwsServices(
            TimeProvider.System,
            new Support.CollectedLogs(),
            new Support.FakeMfaCodes(),
            _environment.GetValueOrDefault
        );

        Assert.Equal(AwsErrorCode.CredentialsMissing, Failure(() => services.For(new AwsScope(Region: "eu-west-1"))).Code);
    }

    [Fact]
    public void For_SecretIsMissing_NamesTheVariable()
    {
        Set("AWS_ACCESS_KEY_ID", "E");
        using var services = new AwsServices(
            TimeProvider.System,
            new Support.CollectedLogs(),
            new Support.FakeMfaCodes(),
            _environment.GetValueOrDefault
        );

        Assert.Contains(
            "no AWS_SECRET_ACCESS_KEY",
            Failure(() => services.For(new AwsScope(Region: "eu-west-1"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void For_UnknownProfile_NamesItAndTheFiles()
    {
        using var services = new AwsServices(
            TimeProvider.System,
            new Support.CollectedLogs(),
            new Support.FakeMfaCodes(),
            _environment.GetValueOrDefault
        );

        var e = Failure(() => services.For(new AwsScope("prod", "eu-west-1")));

        Assert.Equal(AwsErrorCode.ConfigurationInvalid, e.Code);
        Assert.Contains("\"prod\"", e.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_home.FullName, ".aws", "config"), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_FileWithABrokenLine_NamesTheFileAndNotTheLine()
    {
        Credentials("[dev]\naws_secret_access_key wJalrXUtnFEMI\n");
        using var services = new AwsServices(
            TimeProvider.System,
            new Support.CollectedLogs(),
            new Support.FakeMfaCodes(),
            _environment.GetValueOrDefault
        );

        var e = Failure(() => services.For(new AwsScope("dev", "eu-west-1")));

        Assert.Equal(AwsErrorCode.ConfigurationInvalid, e.Code);
        Assert.DoesNotContain("wJalrXUtnFEMI", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void For_SameSettingsByAnotherScope_SharesTheService()
    {
        Set("AWS_REGION", "eu-west-1");
        Set("AWS_ACCESS_KEY_ID", "E");
        Set("AWS_SECRET_ACCESS_KEY", "s");
        using var services = new AwsServices(
            TimeProvider.System,
            new Support.CollectedLogs(),
            new Support.FakeMfaCodes(),
            _environment.GetValueOrDefault
        );

        Assert.Same(services.For(new AwsScope()), services.For(new AwsScope(Region: "eu-west-1")));
        Assert.NotSame(services.For(new AwsScope()), services.For(new AwsScope(Region: "eu-west-2")));
    }

    private static AwsException Failure(Func<object> action) => Assert.Throws<AwsException>(action);

    private AwsSettings Resolve(AwsScope scope) => new SettingsResolver(_environment.GetValueOrDefault).Resolve(scope);

    private StaticKeys Keys(string? profile) =>
        Assert
            .IsType<CredentialSource.Keys>(
                new SettingsResolver(_environment.GetValueOrDefault).SourceOf(new AwsSettings(profile, "eu-west-1", null, false, false))
            )
            .Value;

    private void Set(string name, string? value) => _environment[name] = value ?? "";

    private void Config(string text) => Write("config", text);

    private void Credentials(string text) => Write("credentials", text);

    private void Write(string name, string text)
    {
        var aws = _home.CreateSubdirectory(".aws");
        File.WriteAllText(Path.Combine(aws.FullName, name), text);
    }
}
