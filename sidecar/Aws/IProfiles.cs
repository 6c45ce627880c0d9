namespace RdsTunnel.Aws;

/// <summary>The profiles of the AWS configuration files. Thread-safe; every call reads the files as they are then.</summary>
public interface IProfiles
{
    /// <summary>All profiles and Identity Center sessions, and what is wrong in the files. Asks nobody, and runs nothing.</summary>
    ProfileList List();

    /// <summary>Adds a profile for a role of an Identity Center session. What stands in the file
    /// stays as it is, comments and order included.</summary>
    /// <exception cref="AwsException">The name is taken, or the file cannot be written.</exception>
    Profile Create(NewProfile profile);
}

/// <param name="Profiles">Ordered as in the files.</param>
/// <param name="SsoSessions">Those with a section, and those that only profiles name.</param>
/// <param name="Problems">What could not be understood.</param>
public sealed record ProfileList(
    IReadOnlyList<Profile> Profiles,
    IReadOnlyList<SsoSession> SsoSessions,
    IReadOnlyList<ConfigurationProblem> Problems
);

/// <param name="Kind">Where its credentials come from.</param>
/// <param name="NeedsSignIn">Its session is signed out, as far as this machine tells.</param>
/// <param name="SsoSession">The name of its <c>sso-session</c> section.</param>
/// <param name="SsoStartUrl">Its session's (URL).</param>
/// <param name="AccountId">Of an Sso profile, or of the role.</param>
/// <param name="RoleName">Of an Sso profile, or of the role.</param>
/// <param name="Problem">Why it can't be used.</param>
public sealed record Profile(
    string Name,
    ProfileKind Kind,
    bool NeedsSignIn,
    string? Region = null,
    string? SsoSession = null,
    string? SsoStartUrl = null,
    string? AccountId = null,
    string? RoleName = null,
    string? Problem = null
);

/// <summary>Where a profile's credentials come from.</summary>
public enum ProfileKind
{
    /// <summary>Keys that stand in the file.</summary>
    StaticKeys,

    /// <summary>IAM Identity Center.</summary>
    Sso,

    /// <summary>A role that is assumed with another profile's, or the machine's, credentials.</summary>
    AssumeRole,

    /// <summary>A role that is assumed with a token from a file.</summary>
    WebIdentity,

    /// <summary>A program (<c>credential_process</c>).</summary>
    Process,

    /// <summary>The AWS CLI's <c>aws login</c>.</summary>
    Login,

    /// <summary>None are named.</summary>
    None,
}

/// <summary>An Identity Center session: a section <c>[sso-session NAME]</c>, or the older keys of a
/// profile, which then has no name.</summary>
/// <param name="StartUrl">Where its users sign in (URL).</param>
/// <param name="Region">Of Identity Center.</param>
/// <param name="IsSignedIn">There is a token that works or can be renewed.</param>
/// <param name="Name">Of its section; left out for the older keys of a profile.</param>
/// <param name="ExpiresAt">When the token must be renewed.</param>
/// <param name="IsShared">False for a sign-in that could not be stored: the sidecar keeps it in
/// memory, and other programs do not see it. Left out otherwise.</param>
public sealed record SsoSession(
    string StartUrl,
    string Region,
    bool IsSignedIn,
    string? Name = null,
    DateTimeOffset? ExpiresAt = null,
    bool? IsShared = null
);

/// <param name="File">path.</param>
/// <param name="Line">Counted from 1; 0 for the whole file (lines).</param>
/// <param name="Message">Text to show the user.</param>
/// <param name="Key">Which key is wrong.</param>
public sealed record ConfigurationProblem(string File, int Line, string Message, string? Key = null);

/// <param name="Name">Not taken yet.</param>
/// <param name="Sso">The session; one without a section gets one.</param>
/// <param name="AccountId">12 digits.</param>
/// <param name="Region">Where the databases are.</param>
public sealed record NewProfile(string Name, SsoReference Sso, string AccountId, string RoleName, string Region);
