using RdsTunnel.Aws;

namespace RdsTunnel.Rpc.Tests;

/// <summary>Profiles and sign-ins that do what a test says.</summary>
internal sealed class FakeSignIn : ISignIn, IProfiles
{
    public event Action? SignedIn
    {
        add { }
        remove { }
    }

    public List<NewProfile> Created { get; } = [];

    /// <summary>What SignInAsync does after it has told where to go.</summary>
    public Func<CancellationToken, Task> Person { get; set; } = _ => Task.CompletedTask;

    public SignInMethods Methods() => new(this, this);

    public async Task<SsoSession> SignInAsync(
        SsoReference session,
        SignInFlow flow,
        Action<AuthorizationRequest> onAuthorizationRequested,
        CancellationToken cancellationToken
    )
    {
        onAuthorizationRequested(
            new AuthorizationRequest(
                "https://acme.awsapps.com/start",
                SignInFlow.DeviceCode,
                new Uri("https://device.example/?user_code=ABCD-EFGH"),
                DateTimeOffset.UnixEpoch,
                "ABCD-EFGH"
            )
        );
        await Person(cancellationToken);
        return new SsoSession(
            "https://acme.awsapps.com/start",
            "eu-west-1",
            true,
            session.SsoSession,
            DateTimeOffset.UnixEpoch.AddHours(8)
        );
    }

    public Task SignOutAsync(SsoReference session, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<SsoAccount>> ListAccountsAsync(SsoReference session, CancellationToken cancellationToken) =>
        throw new AwsException(AwsErrorCode.CredentialsExpired, "Sign in again.");

    public Task<IReadOnlyList<string>> ListRolesAsync(SsoReference session, string accountId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>(["Developer"]);

    public ProfileList List() =>
        new(
            [new Profile("dev", ProfileKind.Sso, NeedsSignIn: true, "eu-west-1", "acme")],
            [],
            [new ConfigurationProblem("/home/jane/.aws/config", 3, "a bad line")]
        );

    public Profile Create(NewProfile profile)
    {
        Created.Add(profile);
        return new Profile(profile.Name, ProfileKind.Sso, NeedsSignIn: false);
    }
}
