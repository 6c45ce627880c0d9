using Amazon;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SSO;
using Amazon.SSOOIDC;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Http;

namespace RdsTunnel.Aws.Clients;

/// <summary>The SDK's own clients of the services that give credentials, over our HTTP. Thread-safe; each client is the caller's to dispose.</summary>
internal sealed class SdkClients(SettingsResolver resolver, AwsClock clock) : IDisposable
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private HttpPool? _http; // guarded by _lock; made, and the SDK loaded, when first needed

    /// <summary>The portal: accounts, roles, credentials. Its calls bear a token rather than a signature.</summary>
    public AmazonSSOClient Sso(string region) => new(new AnonymousAWSCredentials(), (AmazonSSOConfig)Configured(new AmazonSSOConfig(), "sso", region));

    /// <summary>Sign-in. Its calls bear what was registered rather than a signature.</summary>
    public AmazonSSOOIDCClient Oidc(string region) =>
        new(new AnonymousAWSCredentials(), (AmazonSSOOIDCConfig)Configured(new AmazonSSOOIDCConfig(), "sso_oidc", region));

    public AmazonSecurityTokenServiceClient Sts(string region, AWSCredentials credentials) =>
        new(credentials, (AmazonSecurityTokenServiceConfig)Configured(new AmazonSecurityTokenServiceConfig(), "sts", region));

    /// <summary>Where <c>aws login</c> signs people in. There is no SDK client of it to be had: its one call is an HTTP request.</summary>
    public (HttpClient Http, Uri Url) SignInService(string region)
    {
        var url = resolver.EndpointInEnvironment("signin") ?? SignInUrl(SettingsResolver.CheckedRegion(region));
        return (HttpClientsFor(url.IsLoopback, resolver.CaBundleInEnvironment()).Client, url);
    }

    /// <summary>The clients with which an identity looks at a region.</summary>
    public ServiceClients Of(AwsScope scope, AwsSettings settings, IdentityCredentials credentials) =>
        new(credentials, (config, service) => Regional(config, service, scope, settings));

    public void Dispose()
    {
        lock (_lock)
        {
            _http?.Dispose();
        }
    }

    private HttpClients HttpClientsFor(bool isLocal, string? caBundle)
    {
        lock (_lock)
        {
            return (_http ??= new HttpPool(resolver, clock)).Get(isLocal, caBundle);
        }
    }

    private static Uri SignInUrl(string region) => new(region switch
    {
        _ when region.StartsWith("cn-", StringComparison.Ordinal) => $"https://{region}.signin.amazonaws.cn/",
        _ when region.StartsWith("us-gov-", StringComparison.Ordinal) => $"https://{region}.signin.amazonaws-us-gov.com/",
        _ => $"https://{region}.signin.aws.amazon.com/",
    });

    // Not generic: its constraint would load the SDK together with this class.
    private ClientConfig Configured(ClientConfig config, string service, string region) => Configured(config, resolver.EndpointInEnvironment(service), region, resolver.CaBundleInEnvironment());

    private ClientConfig Regional(ClientConfig config, string service, AwsScope scope, AwsSettings settings)
    {
        config.UseFIPSEndpoint = settings.UseFips;
        config.UseDualstackEndpoint = settings.UseDualStack;
        return Configured(config, resolver.EndpointOf(service, scope), settings.Region, settings.CaBundle);
    }

    private ClientConfig Configured(ClientConfig config, Uri? endpoint, string region, string? caBundle)
    {
        config.HttpClientFactory = HttpClientsFor(isLocal: endpoint is { IsLoopback: true }, caBundle);
        config.AllowAutoRedirect = false;
        config.IgnoreConfiguredEndpointUrls = true;
        config.RetryMode = RequestRetryMode.Standard;
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return config;
    }

    private sealed class HttpPool(SettingsResolver resolver, AwsClock clock) : IDisposable
    {
        private readonly Dictionary<(bool IsLocal, string? CaBundle), HttpClients> _clients = [];

        public HttpClients Get(bool isLocal, string? caBundle)
        {
            if (!_clients.TryGetValue((isLocal, caBundle), out var clients))
            {
                // What is on this machine is never behind a proxy.
                _clients.Add((isLocal, caBundle), clients = new HttpClients(useProxy: !isLocal, resolver.TrustWith(caBundle), AttemptTimeout, clock));
            }

            return clients;
        }

        public void Dispose()
        {
            foreach (var clients in _clients.Values)
            {
                clients.Dispose();
            }
        }
    }
}
