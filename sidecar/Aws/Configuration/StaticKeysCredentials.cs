using Amazon.Runtime;

namespace RdsTunnel.Aws.Configuration;

/// <summary>Hands a profile's keys to the SDK. They are read for each request, so that keys that another program renews in the file count at once.</summary>
internal sealed class StaticKeysCredentials(SettingsResolver resolver, string? profile) : AWSCredentials
{
    private volatile StaticKeys? _latest;

    /// <summary>The keys of the latest request: what must not appear in a text about it. Null before the first.</summary>
    public StaticKeys? Latest => _latest;

    public override ImmutableCredentials GetCredentials()
    {
        var keys = resolver.ReadKeys(profile);
        _latest = keys;
        return new ImmutableCredentials(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken);
    }

    public override Task<ImmutableCredentials> GetCredentialsAsync() => Task.FromResult(GetCredentials());
}
