using Amazon.Runtime;
using Amazon.SecurityToken.Model;
using RdsTunnel.Aws.Clients;

namespace RdsTunnel.Aws.Credentials;

/// <summary>A role that is assumed with other credentials, and with the code of a multi-factor device where it needs one.</summary>
internal sealed class RoleCredentials(CredentialSource.Role source, AWSCredentials with, SdkClients clients, IMfaCodes mfaCodes, TimeProvider time)
    : ExpiringCredentials(time)
{
    protected override async Task<Lease> RenewAsync()
    {
        var settings = source.Settings;
        var request = new AssumeRoleRequest
        {
            RoleArn = settings.Arn, RoleSessionName = StsErrors.SessionName(settings, Time), ExternalId = settings.ExternalId, DurationSeconds = settings.DurationSeconds,
        };
        if (source.MfaSerial is { } serial)
        {
            request.SerialNumber = serial;
            request.TokenCode = await mfaCodes.AskAsync(source.Profile, serial, CancellationToken.None).ConfigureAwait(false);
        }

        var caller = Fixed.Of(await with.GetCredentialsAsync().ConfigureAwait(false));
        using var sts = clients.Sts(settings.Region, caller);
        try
        {
            var role = (await sts.AssumeRoleAsync(request).ConfigureAwait(false)).Credentials;
            return Lease.Of(role.AccessKeyId, role.SecretAccessKey, role.SessionToken, role.Expiration);
        }
        catch (AmazonServiceException e)
        {
            throw StsErrors.From(e, source.Profile, settings, source.MfaSerial is not null);
        }
    }
}
