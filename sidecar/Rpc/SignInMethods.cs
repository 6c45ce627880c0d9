using RdsTunnel.Aws;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>The methods about profiles and signing in.</summary>
public sealed class SignInMethods(ISignIn signIn, IProfiles profiles, MfaRequests mfa, JsonRpcConnection connection)
{
    /// <summary>A client that is this many addresses behind needs the newest.</summary>
    private const int MaxWaitingRequests = 8;

    private const int MaxNameLength = 256;

    internal Task<RpcResult> ListProfiles() => Answer(() => new RpcResult(profiles.List(), ContractJson.Default.ProfileList));

    internal Task<RpcResult> CreateProfile(NewProfile profile)
    {
        Line("name", profile.Name);
        Line("accountId", profile.AccountId);
        Line("roleName", profile.RoleName);
        Line("region", profile.Region);
        return Answer(() => new RpcResult(profiles.Create(profile), ContractJson.Default.Profile));
    }

    internal Task<RpcResult> SignInAsync(SignInParams parameters, CancellationToken cancellationToken) => AnswerAsync(async () => new RpcResult(
        await signIn.SignInAsync(
            parameters.Session, parameters.Flow,
            request => connection.Notify(
                $"authorization {parameters.Token}", MaxWaitingRequests, ServerNotifications.AuthorizationRequested,
                new(request, parameters.Token), ContractJson.Default.AuthorizationRequestedParams),
            cancellationToken).ConfigureAwait(false),
        ContractJson.Default.SsoSession));

    internal Task<RpcResult> SignOutAsync(SsoParams parameters, CancellationToken cancellationToken) => AnswerAsync(async () =>
    {
        await signIn.SignOutAsync(parameters.Session, cancellationToken).ConfigureAwait(false);
        return RpcResult.Null;
    });

    internal Task<RpcResult> ListAccountsAsync(SsoParams parameters, CancellationToken cancellationToken) => AnswerAsync(async () => new RpcResult(
        new ListAccountsResult(await signIn.ListAccountsAsync(parameters.Session, cancellationToken).ConfigureAwait(false)),
        ContractJson.Default.ListAccountsResult));

    internal Task<RpcResult> ListRolesAsync(ListRolesParams parameters, CancellationToken cancellationToken) => AnswerAsync(async () => new RpcResult(
        new ListRolesResult(await signIn.ListRolesAsync(parameters.Session, parameters.AccountId, cancellationToken).ConfigureAwait(false)),
        ContractJson.Default.ListRolesResult));

    internal Task<RpcResult> AnswerMfa(AnswerMfaParams parameters) => mfa.Answer(parameters.Id, parameters.Code)
        ? Task.FromResult(RpcResult.Null)
        : throw ParamsReader.Invalid("id", "names no code that is waited for; it may have come too late");

    private static Task<RpcResult> Answer(Func<RpcResult> method) => AnswerAsync(() => Task.FromResult(method()));

    private static async Task<RpcResult> AnswerAsync(Func<Task<RpcResult>> method)
    {
        try
        {
            return await method().ConfigureAwait(false);
        }
        catch (AwsException e)
        {
            throw new RpcException(new TunnelException(e));
        }
    }

    // What goes into a configuration file must not become two lines of it.
    private static void Line(string field, string value)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > MaxNameLength || value.Any(c => char.IsControl(c) || c is '[' or ']' or '#' or ';'))
        {
            throw ParamsReader.Invalid(field, $"is empty, longer than {MaxNameLength} characters, or holds a character that a configuration file gives a meaning to");
        }
    }
}
