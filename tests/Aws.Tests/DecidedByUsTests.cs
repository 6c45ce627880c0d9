using System.Reflection;
using Amazon.Runtime;
using Amazon.SSO;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>No client of the SDK reads the process's environment or files; see <see cref="PoisonedProcess"/>.</summary>
public sealed class DecidedByUsTests : IDisposable
{
    private static readonly ServiceDescription AnyQuery = new("RDS", "rds", "rds", "2014-10-31", "");

    private static readonly ServiceDescription Secrets = new(
        "Secrets Manager",
        "secretsmanager",
        "secretsmanager",
        "2017-10-17",
        "secretsmanager"
    );

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("rds-tunnel-aws-");
    private readonly Dictionary<string, string> _environment = new()
    {
        ["AWS_REGION"] = "eu-west-1",
        ["AWS_ACCESS_KEY_ID"] = "A",
        ["AWS_SECRET_ACCESS_KEY"] = "s",
    };

    public DecidedByUsTests() => _environment["HOME"] = _home.FullName;

    public void Dispose() => _home.Delete(recursive: true);

    /// <summary>A value that a new version of the SDK adds fails here, too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Config_OfEveryClient_HasNoValueThatTheSdkLooksUp(bool withEndpoint)
    {
        if (withEndpoint)
        {
            _environment["AWS_ENDPOINT_URL"] = "https://own.example";
        }

        WithClients(configs =>
            Assert.All(
                configs,
                config =>
                    Assert.All(
                        config.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance),
                        property => Assert.DoesNotContain(PoisonedProcess.Mark, $"{property.GetValue(config)}", StringComparison.Ordinal)
                    )
            )
        );
    }

    [Fact]
    public void Config_LeftToTheSdk_WouldFail()
    {
        foreach (
            var read in (Func<ClientConfig, object>[])
                [config => config.MaxErrorRetry, config => config.UseFIPSEndpoint, config => config.ClientAppId]
        )
        {
            Assert.Throws<TypeInitializationException>(() => read(new AmazonSSOConfig()));
        }
    }

    [Fact]
    public void Config_OfEveryClient_IsTheSameWithoutPoison() =>
        WithClients(configs =>
            Assert.All(
                configs,
                config =>
                {
                    Assert.False(config.UseFIPSEndpoint);
                    Assert.False(config.UseDualstackEndpoint);
                    Assert.Equal(RequestRetryMode.Standard, config.RetryMode);
                    Assert.Equal("eu-west-1", config.RegionEndpoint.SystemName);
                    Assert.Null(config.ServiceURL);
                }
            )
        );

    [Theory]
    [InlineData("use_fips_endpoint = true", "https://sts-fips.us-east-1.amazonaws.com", "https://rds-fips.us-east-1.amazonaws.com")]
    [InlineData("use_dualstack_endpoint = true", "https://sts.us-east-1.api.aws", "https://rds.us-east-1.api.aws")]
    [InlineData("use_fips_endpoint = false", "https://sts.us-east-1.amazonaws.com", "https://rds.us-east-1.amazonaws.com")]
    public void Endpoints_OfAProfile_AreItsOwn(string setting, string sts, string rds)
    {
        Config(
            $"[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n[profile dev]\nregion = us-east-1\n{setting}\naws_access_key_id = A\naws_secret_access_key = s\n"
        );
        _environment.Remove("AWS_REGION");

        WithClients(
            configs =>
                Assert.Equal(
                    ["https://portal.sso.us-east-1.amazonaws.com", "https://oidc.us-east-1.amazonaws.com", sts, rds],
                    configs.Take(4).Select(UrlOf)
                ),
            "dev",
            "us-east-1"
        );
    }

    [Fact]
    public void Endpoints_OfTheEnvironment_CountForAllButSignIn()
    {
        _environment["AWS_USE_FIPS_ENDPOINT"] = "TRUE";

        WithClients(
            configs =>
                Assert.Equal(
                    [
                        "https://portal.sso.us-east-1.amazonaws.com",
                        "https://oidc.us-east-1.amazonaws.com",
                        "https://sts-fips.us-east-1.amazonaws.com",
                        "https://rds-fips.us-east-1.amazonaws.com",
                    ],
                    configs.Take(4).Select(UrlOf)
                ),
            null,
            "us-east-1"
        );
    }

    [Fact]
    public void Endpoints_Configured_AreFoundByTheNamesOfTheAwsCli()
    {
        Config(
            """
            [profile dev]
            services = mine
            endpoint_url = https://other.example
            aws_access_key_id = A
            aws_secret_access_key = s
            [services mine]
            sso =
              endpoint_url = https://sso.example
            sso_oidc =
              endpoint_url = https://sso-oidc.example
            sts =
              endpoint_url = https://sts.example
            rds =
              endpoint_url = https://rds.example
            secrets_manager =
              endpoint_url = https://secrets.example
            ec2 =
              endpoint_url = https://ec2.example
            """
        );

        WithClients(
            configs =>
                Assert.Equal(
                    [
                        "https://sso.example",
                        "https://sso-oidc.example",
                        "https://sts.example",
                        "https://rds.example",
                        "https://secrets.example",
                        "https://other.example",
                        "https://other.example",
                        "https://ec2.example",
                        "https://sts.example",
                    ],
                    configs.Select(UrlOf)
                ),
            "dev"
        );
        _environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "https://environment.example";
        _environment["AWS_ENDPOINT_URL_SSO_OIDC"] = "https://environment-oidc.example";
        WithClients(
            configs =>
                Assert.Equal(
                    [
                        "https://sso.example",
                        "https://environment-oidc.example",
                        "https://sts.example",
                        "https://rds.example",
                        "https://environment.example",
                        "https://other.example",
                        "https://other.example",
                        "https://ec2.example",
                        "https://sts.example",
                    ],
                    configs.Select(UrlOf)
                ),
            "dev"
        );
        _environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
        WithClients(
            configs => Assert.All(configs, config => Assert.EndsWith(".eu-west-1.amazonaws.com", UrlOf(config), StringComparison.Ordinal)),
            "dev"
        );
    }

    [Theory]
    [InlineData("AWS_USE_FIPS_ENDPOINT", "ssm-fips", "ssm-fips", "ec2-fips", "sts-fips", "amazonaws.com")]
    [InlineData("AWS_USE_DUALSTACK_ENDPOINT", "ssm", "ssm", "ec2", "sts", "api.aws")]
    public void Endpoints_OfTheRegionsClients_FollowTheEnvironment(
        string variable,
        string ssm,
        string sessions,
        string ec2,
        string sts,
        string suffix
    )
    {
        _environment[variable] = "true";

        WithClients(
            configs =>
                Assert.Equal(
                    ((string[])[ssm, sessions, ec2, sts]).Select(name => $"https://{name}.us-east-1.{suffix}"),
                    configs.Skip(5).Select(UrlOf)
                ),
            null,
            "us-east-1"
        );
    }

    private static string UrlOf(IClientConfig config) =>
        config
            .DetermineServiceOperationEndpoint(
                new Amazon.Runtime.Endpoints.ServiceOperationEndpointParameters(new Amazon.SecurityToken.Model.AssumeRoleRequest())
            )
            .URL.TrimEnd('/');

    private void Config(string text)
    {
        Directory.CreateDirectory(Path.Combine(_home.FullName, ".aws"));
        File.WriteAllText(Path.Combine(_home.FullName, ".aws", "config"), text);
    }

    /// <summary>Those of the portal, sign-in, roles, RDS, Secrets Manager, SSM and its sessions, EC2 and STS.</summary>
    private void WithClients(Action<IReadOnlyList<IClientConfig>> check, string? profile = null, string region = "eu-west-1")
    {
        var resolver = new SettingsResolver(_environment.GetValueOrDefault);
        using var services = new AwsServices(TimeProvider.System, new CollectedLogs(), new FakeMfaCodes(), _environment.GetValueOrDefault);
        using var clients = new SdkClients(resolver, new AwsClock(TimeProvider.System, new CollectedLogs()));
        var scope = new AwsScope(profile, region);
        var settings = resolver.Resolve(scope);
        using var regional = clients.Of(scope, settings, services.CredentialsOf(settings));
        using var sso = clients.Sso(region, profile);
        using var oidc = clients.Oidc(region, profile);
        using var sts = clients.Sts(region, new AnonymousAWSCredentials(), profile);
        check([
            sso.Config,
            oidc.Config,
            sts.Config,
            regional.Query(AnyQuery).Config,
            regional.Document(Secrets).Config,
            regional.Ssm.Config,
            services.ServiceFor(scope).Client.Config,
            regional.Ec2.Config,
            regional.Sts.Config,
        ]);
    }
}
