using System.Collections.Concurrent;
using Amazon.Runtime;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.ConsoleLogin;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Makes what hands the SDK its keys, from what the configuration says of them. Disposing
/// it ends the programs that it runs.</summary>
internal sealed class CredentialProviders(
    SsoTokens tokens,
    LoginTokens logins,
    RoleCache roles,
    MachineHttp machine,
    SdkClients clients,
    IMfaCodes mfaCodes,
    TimeProvider time
) : IDisposable
{
    // As many as there are profiles, and what they said before. Under the SDK's own type the SDK would be loaded together with this class.
    private readonly ConcurrentDictionary<(CredentialSource Source, string? CallsAs), object> _made = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>What was fetched from a source serves all regions: no program runs twice for it. Roles have a cache of their own.</summary>
    /// <param name="profile">The one that is used, whose settings count for all calls; null for the environment's credentials.</param>
    public AWSCredentials Of(CredentialSource source, string? profile) =>
        source switch
        {
            CredentialSource.Keys or CredentialSource.Role or CredentialSource.WebIdentity => Create(source, profile),
            CredentialSource.IdentityCenter or CredentialSource.Login => Made(source, profile),
            _ => Made(source, null), // calls nobody by the profile's settings
        };

    private AWSCredentials Made(CredentialSource source, string? profile) =>
        (AWSCredentials)_made.GetOrAdd((source, profile), key => Create(key.Source, key.CallsAs));

    private AWSCredentials Create(CredentialSource source, string? profile) =>
        source switch
        {
            CredentialSource.Keys { Value: var keys } => Fixed.Of(
                new ImmutableCredentials(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken)
            ),
            CredentialSource.IdentityCenter center => new SsoCredentials(center, profile, tokens, clients, time),
            CredentialSource.Role role => new RoleCredentials(role, profile, Of(role.With, profile), roles, clients, mfaCodes, time),
            CredentialSource.WebIdentity identity => new WebIdentityCredentials(identity, profile, roles, clients, time),
            CredentialSource.Program program => new ProgramCredentials(program, time, _stopping.Token),
            CredentialSource.Login login => new LoginCredentials(login, profile, logins, time),
            CredentialSource.Container container => new ContainerCredentials(container, machine, time),
            CredentialSource.Instance instance => new InstanceCredentials(instance, machine, time),
            _ => throw new ArgumentOutOfRangeException(nameof(source)),
        };

    public void Dispose()
    {
        if (!_stopping.IsCancellationRequested)
        {
            _stopping.Cancel();
            _stopping.Dispose();
            machine.Dispose();
        }
    }
}
