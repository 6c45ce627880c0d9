using Amazon.Runtime;
using Amazon.SSO.Model;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.SignIn;

/// <inheritdoc cref="ISignIn"/>
internal sealed partial class SsoSignIn(
    SettingsResolver resolver,
    SsoCache cache,
    SsoTokens tokens,
    SignInFlows flows,
    SdkClients clients,
    ILogger logger
) : ISignIn
{
    /// <summary>Of 100 accounts or roles each, by default: more than an organization has.</summary>
    private const int MaxPages = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<SsoSettings, SharedSignIn> _running = []; // guarded by _gate

    public event Action? SignedIn;

    public async Task<SsoSession> SignInAsync(
        SsoReference session,
        SignInFlow flow,
        Action<AuthorizationRequest> onAuthorizationRequested,
        CancellationToken cancellationToken
    )
    {
        var settings = SsoSettings.Of(resolver.Files(), session);
        SharedSignIn shared;
        lock (_gate)
        {
            if (!_running.TryGetValue(settings, out shared!) || shared.IsOver)
            {
                _running[settings] = shared = new SharedSignIn((tell, token) => RunAsync(settings, session.Profile, flow, tell, token));
            }
        }

        await shared.JoinAsync(onAuthorizationRequested, cancellationToken).ConfigureAwait(false);
        return Describe(settings);
    }

    public async Task SignOutAsync(SsoReference session, CancellationToken cancellationToken)
    {
        var settings = SsoSettings.Of(resolver.Files(), session);
        var token = cache.ReadToken(settings);
        cache.DeleteToken(settings);
        if (token is null)
        {
            return;
        }

        using var sso = clients.Sso(settings.Region, session.Profile);
        try
        {
            await sso.LogoutAsync(new LogoutRequest { AccessToken = token.AccessToken }, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonServiceException e) when (e.ErrorCode == "UnauthorizedException")
        {
            // It had expired already.
        }
        catch (AmazonServiceException e)
        {
            throw SsoErrors.From(e, settings, "the sign-out, but the local token is deleted");
        }

        LogSignedOut(logger, settings.StartUrl);
    }

    public Task<IReadOnlyList<SsoAccount>> ListAccountsAsync(SsoReference session, CancellationToken cancellationToken) =>
        ListAsync(
            session,
            "the accounts",
            async (sso, token, next) =>
            {
                var page = await sso.ListAccountsAsync(new ListAccountsRequest { AccessToken = token, NextToken = next }, cancellationToken)
                    .ConfigureAwait(false);
                return (
                    page.AccountList?.Where(account => account?.AccountId is not null)
                        .Select(account => new SsoAccount(
                            account.AccountId,
                            account.AccountName ?? account.AccountId,
                            account.EmailAddress
                        )),
                    page.NextToken
                );
            },
            account => account.AccountName,
            cancellationToken
        );

    public Task<IReadOnlyList<string>> ListRolesAsync(SsoReference session, string accountId, CancellationToken cancellationToken) =>
        ListAsync(
            session,
            $"the roles of account {accountId}",
            async (sso, token, next) =>
            {
                var page = await sso.ListAccountRolesAsync(
                        new ListAccountRolesRequest
                        {
                            AccessToken = token,
                            AccountId = accountId,
                            NextToken = next,
                        },
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                return (page.RoleList?.Select(role => role?.RoleName).OfType<string>(), page.NextToken);
            },
            role => role,
            cancellationToken
        );

    public SsoSession Describe(SsoSettings settings) =>
        new(
            settings.StartUrl,
            settings.Region,
            tokens.IsSignedIn(settings),
            settings.Name,
            tokens.ExpiryOf(settings),
            cache.IsShared(settings) ? null : false
        );

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        SsoReference session,
        string what,
        Func<Amazon.SSO.AmazonSSOClient, string, string?, Task<(IEnumerable<T>? Items, string? Next)>> page,
        Func<T, string> name,
        CancellationToken cancellationToken
    )
    {
        var settings = SsoSettings.Of(resolver.Files(), session);
        using var sso = clients.Sso(settings.Region, session.Profile);
        var all = new List<T>();
        try
        {
            string? next = null;
            for (var pages = 0; pages == 0 || (!string.IsNullOrEmpty(next) && pages < MaxPages); pages++)
            {
                var from = next;
                (var items, next) = await tokens
                    .UseAsync(settings, session.Profile, token => page(sso, token, from), cancellationToken)
                    .ConfigureAwait(false);
                all.AddRange(items ?? []);
            }
        }
        catch (AmazonServiceException e)
        {
            throw SsoErrors.From(e, settings, what);
        }

        return [.. all.OrderBy(name, StringComparer.OrdinalIgnoreCase)];
    }

    private async Task RunAsync(
        SsoSettings session,
        string? profile,
        SignInFlow flow,
        Action<AuthorizationRequest> tell,
        CancellationToken cancellationToken
    )
    {
        var token =
            flow == SignInFlow.Auto
                ? await AutoAsync(session, profile, tell, cancellationToken).ConfigureAwait(false)
                : await flows.RunAsync(session, profile, flow, tell, cancellationToken).ConfigureAwait(false);
        cache.WriteToken(session, token);
        LogSignedIn(logger, session.StartUrl, token.ExpiresAt);
        SignedIn?.Invoke();
    }

    // An older Identity Center knows device codes only, and the older keys of a profile ask for no
    // scope, without which there is no authorization code.
    private async Task<SsoToken> AutoAsync(
        SsoSettings session,
        string? profile,
        Action<AuthorizationRequest> tell,
        CancellationToken cancellationToken
    )
    {
        if (session.ScopeList.Count > 0)
        {
            try
            {
                return await flows.RunAsync(session, profile, SignInFlow.AuthorizationCode, tell, cancellationToken).ConfigureAwait(false);
            }
            catch (AwsException e) when (e.Code is AwsErrorCode.InvalidRequest or AwsErrorCode.ConfigurationInvalid)
            {
                LogFallingBack(logger, e.Message);
            }
        }

        return await flows.RunAsync(session, profile, SignInFlow.DeviceCode, tell, cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "Signed in to {StartUrl}, until {ExpiresAt}")]
    private static partial void LogSignedIn(ILogger logger, string startUrl, DateTimeOffset expiresAt);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Information, Message = "Signed out of {StartUrl}")]
    private static partial void LogSignedOut(ILogger logger, string startUrl);

    [LoggerMessage(
        EventId = 3012,
        Level = LogLevel.Information,
        Message = "Using device code sign-in because the authorization code flow failed: {Reason}"
    )]
    private static partial void LogFallingBack(ILogger logger, string reason);
}
