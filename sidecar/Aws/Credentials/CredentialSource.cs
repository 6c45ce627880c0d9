using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Where credentials come from, as the configuration says it. Equal sources give the same credentials.</summary>
internal abstract record CredentialSource
{
    /// <summary>Keys that stand written somewhere.</summary>
    public sealed record Keys(StaticKeys Value) : CredentialSource;

    /// <summary>A program that prints them: <c>credential_process</c>.</summary>
    public sealed record Program(string Profile, string CommandLine) : CredentialSource;

    /// <summary>A role of an IAM Identity Center account.</summary>
    public sealed record IdentityCenter(string Profile, SsoSettings Session, string AccountId, string RoleName) : CredentialSource;

    /// <summary>A role that other credentials may assume.</summary>
    public sealed record Role(string Profile, RoleSettings Settings, CredentialSource With, string? MfaSerial) : CredentialSource;

    /// <summary>A role that whoever has a token of an identity provider may assume.</summary>
    public sealed record WebIdentity(string Profile, RoleSettings Settings, string TokenFile) : CredentialSource;

    /// <summary>What <c>aws login</c> has left in its cache.</summary>
    /// <param name="Region">Where it is renewed when the cache does not say it.</param>
    public sealed record Login(string Profile, string SessionName, string Region) : CredentialSource;

    /// <summary>The machine's own role.</summary>
    /// <param name="Kind">As <c>credential_source</c> says it: <see cref="Container"/> or <see cref="Instance"/>.</param>
    public sealed record Machine(string Profile, string Kind) : CredentialSource
    {
        public const string Container = "EcsContainer";
        public const string Instance = "Ec2InstanceMetadata";
    }
}

/// <param name="Region">Where STS is asked.</param>
internal sealed record RoleSettings(string Arn, string Region, string? SessionName, string? ExternalId, int? DurationSeconds);
