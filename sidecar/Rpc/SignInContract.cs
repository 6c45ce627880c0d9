using RdsTunnel.Aws;

// Signing in.
namespace RdsTunnel.Rpc;

/// <param name="Session">Where to sign in.</param>
/// <param name="Flow">How the person signs in.</param>
/// <param name="ProgressToken">Chosen by the client, for <c>$/progress</c>; without it there is none.</param>
public sealed record SignInParams(SsoReference Session, SignInFlow Flow = SignInFlow.Auto, string? ProgressToken = null)
    : IProgressParams<SignInParams>
{
    public SignInParams WithProgress(string token) => this with { ProgressToken = token };
}

/// <param name="Session">Which session.</param>
public sealed record SsoParams(SsoReference Session);

/// <param name="Accounts">Ordered by name.</param>
public sealed record ListAccountsResult(IReadOnlyList<SsoAccount> Accounts);

/// <param name="Session">Which session.</param>
/// <param name="AccountId">12 digits.</param>
public sealed record ListRolesParams(SsoReference Session, string AccountId);

/// <param name="RoleNames">Ordered by name.</param>
public sealed record ListRolesResult(IReadOnlyList<string> RoleNames);

/// <param name="Profile">The profile that needs it.</param>
/// <param name="SerialNumber">Of the device.</param>
public sealed record AskMfaCodeParams(string Profile, string SerialNumber);

/// <param name="Code">Six digits; left out when the person has cancelled.</param>
public sealed record MfaCode(string? Code = null);
