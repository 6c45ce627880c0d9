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
            var role = response.RoleCredentials;
            return Lease.Of(
                role.AccessKeyId,
                role.SecretAccessKey,
                role.SessionToken,
                role.Expiration is > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(role.Expiration.Value).UtcDateTime : null
            );
        }
        catch (AmazonServiceException e)
        {
            throw SsoErrors.From(
                e,
                source.Session,
                $"the role {source.RoleName} of account {source.AccountId} (profile \"{source.Profile}\")"
            );
        }
    }
}
