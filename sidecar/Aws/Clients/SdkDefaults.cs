using Amazon;
using Amazon.Runtime;

namespace RdsTunnel.Aws.Clients;

/// <summary>Decides every value of an SDK client that would otherwise come from the process's environment or the user's files.</summary>
/// <remarks>What is left unset, the SDK looks up by a parser of its own that reads all of
/// <c>~/.aws</c>: one line that it refuses would stop every client until this
/// process ends, and its exception quotes the line.</remarks>
internal static class SdkDefaults
{
    /// <summary>The SDK's own default, after the first attempt.</summary>
    private const int MaxErrorRetry = 2;

    /// <summary>The SDK's own default; nothing is compressed.</summary>
    private const int RequestMinCompressionSizeBytes = 10_240;

    // Its metrics would go to whoever listens on a local port. This is the only way to tell it, before the first client is made.
    static SdkDefaults() => AWSConfigs.CSMConfig.CSMEnabled = false;

    /// <summary>Says where the calls of a new configuration go, and with whose HTTP; all else is decided here.</summary>
    /// <param name="endpoint">Null for AWS's own, of the region.</param>
    public static void Direct(ClientConfig config, Uri? endpoint, string region, bool useFips, bool useDualStack, HttpClientFactory http)
    {
        Apply(config);
        config.HttpClientFactory = http;
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = region;
            return;
        }

        config.UseFIPSEndpoint = useFips;
        config.UseDualstackEndpoint = useDualStack;
        config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
    }

    private static void Apply(ClientConfig config)
    {
        config.DefaultConfigurationMode = DefaultConfigurationMode.Standard;
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = MaxErrorRetry;
        config.DisableClockSkewCorrection = false;
        config.UseFIPSEndpoint = false;
        config.UseDualstackEndpoint = false;
        config.IgnoreConfiguredEndpointUrls = true;
        config.EndpointDiscoveryEnabled = false;
        config.AccountIdEndpointMode = AccountIdEndpointMode.DISABLED;
        config.AuthSchemePreference = [];
        config.SigV4aSigningRegionSet = [];
        config.DisableRequestCompression = true;
        config.RequestMinCompressionSizeBytes = RequestMinCompressionSizeBytes;
        config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
        config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        config.ClientAppId = "";
        config.AllowAutoRedirect = false;
    }
}
