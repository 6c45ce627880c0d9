using Amazon.Runtime;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The credentials of one identity. The configuration is read for each request, so that
/// what another program changes in it counts at once;
/// what was fetched is kept as long as the configuration says the same. Thread-safe.</summary>
internal sealed class IdentityCredentials(SettingsResolver resolver, AwsSettings settings, CredentialProviders providers)
    : CallerCredentials
{
    private readonly Lock _gate = new();
    private (CredentialSource Source, AWSCredentials Credentials)? _current; // guarded by _gate
    private volatile StaticKeys? _latest;
    private volatile CredentialSource? _latestSource;

    public override StaticKeys? Latest => _latest;

    public override CredentialSource? LatestSource => _latestSource;

    public override async Task<ImmutableCredentials> GetCredentialsAsync() =>
        (await GetLeaseAsync(ExpiringCredentials.RenewAhead).ConfigureAwait(false)).Credentials;

    /// <inheritdoc cref="ExpiringCredentials.GetLeaseAsync"/>
    public async Task<Lease> GetLeaseAsync(TimeSpan lasting)
    {
        var current = Current();
        var lease = current is ExpiringCredentials expiring
            ? await expiring.GetLeaseAsync(lasting).ConfigureAwait(false)
            : new Lease(await current.GetCredentialsAsync().ConfigureAwait(false), DateTimeOffset.MaxValue);
        var keys = lease.Credentials;
        _latest = new StaticKeys(keys.AccessKey, keys.SecretKey, keys.UseToken ? keys.Token : null);
        return lease;
    }

    public override bool Forget()
    {
        AWSCredentials? credentials;
        lock (_gate)
        {
            credentials = _current?.Credentials;
        }

        if (credentials is not ExpiringCredentials expiring)
        {
            return false;
        }

        expiring.Forget();
        return true;
    }

    private AWSCredentials Current()
    {
        var source = resolver.SourceOf(settings);
        _latestSource = source;
        lock (_gate)
        {
            if (_current is not { } current || current.Source != source)
            {
                _current = current = (source, providers.Of(source, settings.Profile));
            }

            return current.Credentials;
        }
    }
}
