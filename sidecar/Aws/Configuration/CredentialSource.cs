namespace RdsTunnel.Aws.Configuration;

/// <summary>Where credentials come from, as the configuration says it. Equal sources give the same credentials.</summary>
internal abstract record CredentialSource
{
    /// <summary>Who that is, in a word that holds no secret.</summary>
    public abstract string Caller { get; }

    /// <summary>Keys that stand written somewhere.</summary>
    public sealed record Keys(StaticKeys Value) : CredentialSource
    {
        public override string Caller => Value.AccessKeyId;
    }

    /// <summary>A program that prints them: <c>credential_process</c>.</summary>
    public sealed record Program(string Profile, string CommandLine) : CredentialSource
    {
        public override string Caller => Profile;
    }

    /// <summary>A role of an IAM Identity Center account.</summary>
    public sealed record IdentityCenter(string Profile, SsoSettings Session, string AccountId, string RoleName) : CredentialSource
    {
        public override string Caller => $"{AccountId} {RoleName}";
    }

    /// <summary>A role that other credentials may assume.</summary>
    public sealed record Role(string Profile, RoleSettings Settings, CredentialSource With, string? MfaSerial) : CredentialSource
    {
        public override string Caller => $"{Settings.Arn} {With.Caller}";
    }

    /// <summary>A role that whoever has a token of an identity provider may assume.</summary>
    public sealed record WebIdentity(string Profile, RoleSettings Settings, string TokenFile) : CredentialSource
    {
        public override string Caller => $"{Settings.Arn} {TokenFile}";
    }

    /// <summary>What <c>aws login</c> has left in its cache.</summary>
    /// <param name="Region">Where it is renewed when the cache does not say it.</param>
    public sealed record Login(string Profile, string SessionName, string Region) : CredentialSource
    {
        public override string Caller => SessionName;
    }

    /// <summary>The role of the container that this runs in.</summary>
    /// <param name="TokenFile">Holds what is sent as <c>Authorization</c>; goes before <paramref name="Token"/>.</param>
    public sealed record Container(string Profile, Uri Url, string? TokenFile, string? Token) : CredentialSource
    {
        public override string Caller => "container";

        public override string ToString() => $"Container {{ Url = {Url} }}";
    }

    /// <summary>The role of the EC2 instance that this runs on.</summary>
    /// <param name="Otherwise">What to say when this is no instance with a role: nothing else names
    /// credentials. Null when it was asked for.</param>
    public sealed record Instance(string Profile, Uri MetadataService, string? Otherwise = null) : CredentialSource
    {
        public override string Caller => "instance";
    }
}

/// <param name="Region">Where STS is asked.</param>
internal sealed record RoleSettings(string Arn, string Region, string? SessionName, string? ExternalId = null, int? DurationSeconds = null);
