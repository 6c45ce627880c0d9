using Amazon.Runtime;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.ConsoleLogin;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Makes what hands the SDK its keys, from what the configuration says of them.</summary>
internal sealed class CredentialProviders(SsoTokens tokens, LoginTokens logins, SdkClients clients, IMfaCodes mfaCodes, TimeProvider time)
{
    public AWSCredentials Create(CredentialSource source) => source switch
    {
        CredentialSource.Keys { Value: var keys } => Fixed.Of(new ImmutableCredentials(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken)),
        CredentialSource.IdentityCenter center => new SsoCredentials(center, tokens, clients, time),
        CredentialSource.Role role => new RoleCredentials(role, Create(role.With), clients, mfaCodes, time),
        CredentialSource.WebIdentity identity => new WebIdentityCredentials(identity, clients, time),
        CredentialSource.Program program => new ProgramCredentials(program, time),
        CredentialSource.Login login => new LoginCredentials(login, logins, time),
        CredentialSource.Machine machine => new MachineCredentials(machine, time),
        _ => throw new ArgumentOutOfRangeException(nameof(source)),
    };
}
