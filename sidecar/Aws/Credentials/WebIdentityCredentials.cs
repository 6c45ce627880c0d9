using Amazon.Runtime;
using Amazon.SecurityToken.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Files;

namespace RdsTunnel.Aws.Credentials;

/// <summary>A role that is assumed with a token of an identity provider; the file is read anew each time.</summary>
internal sealed class WebIdentityCredentials(
    CredentialSource.WebIdentity source,
    string? profile,
    RoleCache cache,
    SdkClients clients,
    TimeProvider time
) : ExpiringCredentials(time)
{
    protected override Task<Lease> RenewAsync(TimeSpan lasting) =>
        cache.GetAsync(source.Settings, mfaSerial: null, source.Caller, lasting, AssumeAsync);

    protected override void OnForgotten(Lease lease) => cache.Remove(source.Settings, mfaSerial: null, source.Caller, lease);

    private async Task<CachedRole> AssumeAsync()
    {
        var settings = source.Settings;
        string token;
        try
        {
            token = (await TokenFile.ReadAsync(source.TokenFile).ConfigureAwait(false)).Trim();
        }
        catch (UnreadableFileException e)
        {
            throw new AwsException(
                AwsErrorCode.CredentialsUnavailable,
                $"The token file {BoundedFile.Describe(source.TokenFile)} of the profile \"{source.Profile}\" can't be read: {e.Message}."
            );
        }

        using var sts = clients.Sts(settings.Region, new AnonymousAWSCredentials(), profile);
        try
        {
            var answer = await sts.AssumeRoleWithWebIdentityAsync(
                    new AssumeRoleWithWebIdentityRequest
                    {
                        RoleArn = settings.Arn,
                        RoleSessionName = StsErrors.SessionName(settings, Time),
                        WebIdentityToken = token,
                    }
                )
                .ConfigureAwait(false);
            return StsAnswers.ToCache(answer.Credentials, answer.AssumedRoleUser);
        }
        catch (AmazonServiceException e)
        {
            throw StsErrors.From(e, source.Profile, settings, withMfa: false);
        }
    }
}
