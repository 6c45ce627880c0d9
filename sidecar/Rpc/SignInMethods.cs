using RdsTunnel.Aws;

namespace RdsTunnel.Rpc;

/// <summary>The methods about profiles and signing in.</summary>
public sealed class SignInMethods(ISignIn signIn, IProfiles profiles)
{
    /// <summary>A client that is this many addresses behind needs the newest.</summary>
    private const int MaxWaitingRequests = 8;

    private const int MaxNameLength = 256;

    internal void AddTo(IRpcMethods methods)
    {
        methods.AddAside(RpcMethods.ListProfiles, (_, _) => Task.FromResult(profiles.List()));
        methods.AddAside(RpcMethods.CreateProfile, (profile, _) => Task.FromResult(Create(profile)));
        methods.AddAside(
            RpcMethods.SignIn,
            MaxWaitingRequests,
            (parameters, progress, cancellationToken) =>
                signIn.SignInAsync(parameters.Session, parameters.Flow, progress.Report, cancellationToken)
        );
        methods.AddAside(RpcMethods.SignOut, (parameters, cancellationToken) => signIn.SignOutAsync(parameters.Session, cancellationToken));
        methods.AddAside(
            RpcMethods.ListAccounts,
            async (parameters, cancellationToken) =>
                new ListAccountsResult(await signIn.ListAccountsAsync(parameters.Session, cancellationToken).ConfigureAwait(false))
        );
        methods.AddAside(
            RpcMethods.ListRoles,
            async (parameters, cancellationToken) =>
                new ListRolesResult(
                    await signIn.ListRolesAsync(parameters.Session, parameters.AccountId, cancellationToken).ConfigureAwait(false)
                )
        );
    }

    private Profile Create(NewProfile profile)
    {
        Line("name", profile.Name);
        Line("accountId", profile.AccountId);
        Line("roleName", profile.RoleName);
        Line("region", profile.Region);
        return profiles.Create(profile);
    }

    // What goes into a configuration file must not become two lines of it.
    private static void Line(string field, string value)
    {
        if (
            string.IsNullOrWhiteSpace(value)
            || value.Length > MaxNameLength
            || value.Any(c => char.IsControl(c) || c is '[' or ']' or '#' or ';')
        )
        {
            throw ParamsReader.Invalid(
                field,
                $"is empty, longer than {MaxNameLength} characters, or contains a character that is not allowed in the AWS configuration file"
            );
        }
    }
}
