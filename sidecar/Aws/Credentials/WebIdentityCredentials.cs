using Amazon.Runtime;
using Amazon.SecurityToken.Model;
using RdsTunnel.Aws.Clients;

namespace RdsTunnel.Aws.Credentials;

/// <summary>A role that is assumed with a token of an identity provider; the file is read anew each time.</summary>
internal sealed class WebIdentityCredentials(CredentialSource.WebIdentity source, SdkClients clients, TimeProvider time) : ExpiringCredentials(time)
{
    protected override async Task<Lease> RenewAsync()
    {
        var settings = source.Settings;
        string token;
        try
        {
            token = (await File.ReadAllTextAsync(source.TokenFile).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AwsException(AwsErrorCode.CredentialsMissing, $"The token file {source.TokenFile} of the profile \"{source.Profile}\" cannot be read: {e.Message}", e);
        }

        using var sts = clients.Sts(settings.Region, new AnonymousAWSCredentials());
        try
        {
            var role = (await sts.AssumeRoleWithWebIdentityAsync(new AssumeRoleWithWebIdentityRequest
            {
                RoleArn = settings.Arn, RoleSessionName = StsErrors.SessionName(settings, Time), WebIdentityToken = token, DurationSeconds = settings.DurationSeconds,
            }).ConfigureAwait(false)).Credentials;
            return Lease.Of(role.AccessKeyId, role.SecretAccessKey, role.SessionToken, role.Expiration);
        }
        catch (AmazonServiceException e)
        {
            throw StsErrors.From(e, source.Profile, settings, withMfa: false);
        }
    }
}
