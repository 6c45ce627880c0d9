using Amazon.Runtime;
using Amazon.SecurityToken.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>A role that is assumed with other credentials, and with the code of a multi-factor device where it needs one.</summary>
internal sealed class RoleCredentials(
    CredentialSource.Role source,
    string? profile,
    AWSCredentials with,
    RoleCache cache,
    SdkClients clients,
    IMfaCodes mfaCodes,
    TimeProvider time
) : ExpiringCredentials(time)
{
    protected override Task<Lease> RenewAsync(TimeSpan lasting) =>
        cache.GetAsync(source.Settings, source.MfaSerial, source.Caller, lasting, AssumeAsync);

    protected override void OnForgotten(Lease lease) => cache.Remove(source.Settings, source.MfaSerial, source.Caller, lease);

    private async Task<CachedRole> AssumeAsync()
    {
        var settings = source.Settings;

        // A code is good for half a minute: nobody is asked for one before it can be used.
        var caller = Fixed.Of(await with.GetCredentialsAsync().ConfigureAwait(false));
        var request = new AssumeRoleRequest
        {
            RoleArn = settings.Arn,
            RoleSessionName = StsErrors.SessionName(settings, Time),
            ExternalId = settings.ExternalId,
            DurationSeconds = settings.DurationSeconds,
        };
        if (source.MfaSerial is { } serial)
        {
            request.SerialNumber = serial;
            request.TokenCode = await mfaCodes.AskAsync(source.Profile, serial, CancellationToken.None).ConfigureAwait(false);
        }

        using var sts = clients.Sts(settings.Region, caller, profile);
        try
        {
            var answer = await sts.AssumeRoleAsync(request).ConfigureAwait(false);
            return StsAnswers.ToCache(answer.Credentials, answer.AssumedRoleUser);
        }
        catch (AmazonServiceException e)
        {
            if (e.ErrorCode is "ExpiredToken" or "ExpiredTokenException")
            {
                (with as ExpiringCredentials)?.Forget();
            }

            throw StsErrors.From(e, source.Profile, settings, source.MfaSerial is not null);
        }
    }
}
