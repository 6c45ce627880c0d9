using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SSO;
using Amazon.SSOOIDC;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Http;

namespace RdsTunnel.Aws.Clients;

/// <summary>The SDK's own clients of the services that give credentials, over our HTTP.
/// Thread-safe; each client is the caller's to dispose.</summary>
internal sealed class SdkClients(SettingsResolver resolver, AwsClock clock) : IDisposable
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private HttpPool? _http; // guarded by _gate; made, and the SDK loaded, when first needed

    /// <summary>The portal: accounts, roles, credentials. Its calls bear a token rather than a signature.</summary>
    /// <param name="profile">On whose behalf; null for none in particular.</param>
    public AmazonSSOClient Sso(string region, string? profile) =>
        new(new AnonymousAWSCredentials(), (AmazonSSOConfig)WithoutVariants(new AmazonSSOConfig(), region, profile));

    /// <summary>Sign-in. Its calls bear what was registered rather than a signature.</summary>
    /// <inheritdoc cref="Sso"/>
    public AmazonSSOOIDCClient Oidc(string region, string? profile) =>
        new(new AnonymousAWSCredentials(), (AmazonSSOOIDCConfig)WithoutVariants(new AmazonSSOOIDCConfig(), region, profile));

    /// <inheritdoc cref="Sso"/>
    public StsClient Sts(string region, AWSCredentials credentials, string? profile)
    {
        var calls = resolver.CallsOf(profile);
        return new(
            credentials,
            (AmazonSecurityTokenServiceConfig)Directed(
                new AmazonSecurityTokenServiceConfig(),
                region,
                calls,
                calls.UseFips,
                calls.UseDualStack
            )
        );
    }

    /// <summary>Where <c>aws login</c> signs people in. There is no SDK client of it to be had: its one call is an HTTP request.</summary>
    /// <inheritdoc cref="Sso"/>
    public (HttpClient Http, Uri Url) SignInService(string region, string? profile)
    {
        var calls = resolver.CallsOf(profile);
        var url = calls.EndpointOf("Signin") ?? SignInUrl(RegionName.Checked(region, "The region of the sign-in"));
        return (HttpClientsFor(calls.CaBundle).Client, url);
    }

    /// <summary>The clients with which an identity looks at a region.</summary>
    public ServiceClients Of(AwsScope scope, AwsSettings settings, AWSCredentials credentials) =>
        new(credentials, config => Regional(config, scope, settings));

    public void Dispose()
    {
        lock (_gate)
        {
            _http?.Dispose();
        }
    }

    private HttpClients HttpClientsFor(string? caBundle)
    {
        HttpPool pool;
        lock (_gate)
        {
            pool = _http ??= new HttpPool(bundle => new HttpClients(resolver.TrustWith(bundle), resolver.Proxy(), AttemptTimeout, clock));
        }

        return pool.Get(caBundle);
    }

    private static Uri SignInUrl(string region) =>
        new(
            region switch
            {
                _ when region.StartsWith("cn-", StringComparison.Ordinal) => $"https://{region}.signin.amazonaws.cn/",
                _ when region.StartsWith("us-gov-", StringComparison.Ordinal) => $"https://{region}.signin.amazonaws-us-gov.com/",
                _ => $"https://{region}.signin.aws.amazon.com/",
            }
        );

    // Identity Center has neither FIPS nor dual-stack endpoints.
    private ClientConfig WithoutVariants(ClientConfig config, string region, string? profile) =>
        Directed(config, region, resolver.CallsOf(profile), useFips: false, useDualStack: false);

    // Not generic: its constraint would load the SDK together with this class.
    private ClientConfig Directed(ClientConfig config, string region, CallSettings calls, bool useFips, bool useDualStack) =>
        Directed(config, calls.EndpointOf(config.ServiceId), region, useFips, useDualStack, calls.CaBundle);

    private ClientConfig Regional(ClientConfig config, AwsScope scope, AwsSettings settings) =>
        Directed(
            config,
            scope.EndpointUrl ?? resolver.CallsOf(settings.Profile).EndpointOf(config.ServiceId),
            settings.Region,
            settings.UseFips,
            settings.UseDualStack,
            settings.CaBundle
        );

    private ClientConfig Directed(ClientConfig config, Uri? endpoint, string region, bool useFips, bool useDualStack, string? caBundle)
    {
        SdkDefaults.Direct(config, endpoint, region, useFips, useDualStack, HttpClientsFor(caBundle));
        return config;
    }
}
