using Amazon.Runtime;
using Amazon.SSO.Model;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.Credentials;

/// <summary>A role of an Identity Center account.</summary>
internal sealed class SsoCredentials(
    CredentialSource.IdentityCenter source,
    string? profile,
    SsoTokens tokens,
    SdkClients clients,
    TimeProvider time
) : ExpiringCredentials(time)
{
    /// <summary>Of the year 9999, the last that there is.</summary>
    private const long LatestMilliseconds = 253_402_300_799_999;

    protected override async Task<Lease> RenewAsync(TimeSpan lasting)
    {
        using var sso = clients.Sso(source.Session.Region, profile);
        try
        {
            var response = await tokens
                .UseAsync(
                    source.Session,
                    profile,
                    token =>
                        sso.GetRoleCredentialsAsync(
                            new GetRoleCredentialsRequest
                            {
                                AccessToken = token,
                                AccountId = source.AccountId,
                                RoleName = source.RoleName,
                            }
                        ),
                    CancellationToken.None
                )
                .ConfigureAwait(false);
            return
                response.RoleCredentials is { } keys
                && Lease.TryCreate(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken, EndOf(keys.Expiration)) is { } lease
                ? lease
                : throw SsoErrors.Unexpected(What);
        }
        catch (AmazonServiceException e)
        {
            throw SsoErrors.From(e, source.Session, What);
        }
    }

    private string What => $"the role {source.RoleName} of account {source.AccountId} (profile \"{source.Profile}\")";

    /// <returns>Null for never.</returns>
    private static DateTime? EndOf(long? milliseconds) =>
        milliseconds is > 0 and <= LatestMilliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds.Value).UtcDateTime : null;
}
