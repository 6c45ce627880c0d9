using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using RdsTunnel.Aws.Tests.Support;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.IdentityCenter;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>Signing in through IAM Identity Center, with a person in a browser.</summary>
public sealed class SignInTests : IdentityFixture
{
    private const string Configuration = """
        [sso-session acme]
        sso_start_url = https://acme.awsapps.com/start
        sso_region = eu-west-1
        sso_registration_scopes = sso:account:access

        [profile dev]
        sso_session = acme
        sso_account_id = 111122223333
        sso_role_name = Developer

        [profile legacy]
        sso_start_url = https://acme.awsapps.com/start
        sso_region = eu-west-1
        sso_account_id = 444455556666
        sso_role_name = Developer
        """;

    private static readonly SsoReference Acme = new(SsoSession: "acme");

    private readonly TaskCompletionSource<AuthorizationRequest> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected override EmulatorOptions Options =>
        new()
        {
            // Shorter than the time ahead of which it is renewed: each use renews it.
            IdentityCenter = IdentityCenterOptions.Default with
            {
                AccessTokenLifetime = TimeSpan.FromMinutes(10),
            },
        };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Config(Configuration);
    }

    [Fact]
    public async Task SignIn_TheBrowserOpensConnectionsAheadOfNeed_IsNotKeptWaitingByThem()
    {
        var signingIn = SignInAsync(Acme, SignInFlow.AuthorizationCode);
        var request = await _asked.Task.WaitAsync(Patience);
        var back = new Uri(QueryHelpers.ParseQuery(request.Url.Query)["redirect_uri"].ToString());
        var idle = Enumerable.Range(0, 6).Select(_ => new TcpClient()).ToList();
        foreach (var connection in idle)
        {
            await connection.ConnectAsync(back.Host, back.Port);
        }

        Assert.Contains("You're signed in", await Browser.AllowAsync(request.Url).WaitAsync(Patience), StringComparison.Ordinal);
        Assert.True((await signingIn.WaitAsync(Patience)).IsSignedIn);
        idle.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public async Task SignIn_AProfileThatAssumesARole_SignsInToWhatItBuildsOn()
    {
        Config(Configuration + "\n[profile deploy]\nrole_arn = arn:aws:iam::111122223333:role/Deploy\nsource_profile = dev\n");
        var signingIn = SignInAsync(new SsoReference("deploy"), SignInFlow.DeviceCode);
        await Browser.AllowAsync((await _asked.Task.WaitAsync(Patience)).Url);
        Assert.Equal("acme", (await PassTimeUntilAsync(signingIn)).Name);
    }

    [Fact]
    public async Task SignIn_DeviceCodeAllowed_GivesATokenThatWorks()
    {
        var signingIn = SignInAsync(Acme, SignInFlow.DeviceCode);
        var request = await _asked.Task.WaitAsync(Patience);
        Assert.Equal(SignInFlow.DeviceCode, request.Flow);
        Assert.Contains(request.UserCode!, request.Url.Query, StringComparison.Ordinal);
        await Browser.AllowAsync(request.Url);

        Assert.True((await PassTimeUntilAsync(signingIn)).IsSignedIn);
        Assert.StartsWith("jane-", (await StartSessionAsync("dev")).SessionId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_AuthorizationCodeAllowed_BrowserComesBackAndTheTokenWorks()
    {
        var signingIn = SignInAsync(Acme, SignInFlow.Auto);
        var request = await _asked.Task.WaitAsync(Patience);
        Assert.Equal(SignInFlow.AuthorizationCode, request.Flow);
        Assert.Null(request.UserCode);
        Assert.Contains("You're signed in", await Browser.AllowAsync(request.Url), StringComparison.Ordinal);

        Assert.True((await signingIn.WaitAsync(Patience)).IsSignedIn);
        Assert.StartsWith("jane-", (await StartSessionAsync("dev")).SessionId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_OlderKeysOfAProfile_UsesADeviceCode()
    {
        var signingIn = SignInAsync(new SsoReference("legacy"), SignInFlow.Auto);
        var request = await _asked.Task.WaitAsync(Patience);
        Assert.Equal(SignInFlow.DeviceCode, request.Flow);
        await Browser.AllowAsync(request.Url);
        await PassTimeUntilAsync(signingIn);
        await StartSessionAsync("legacy");
    }

    [Theory]
    [InlineData(SignInFlow.DeviceCode)]
    [InlineData(SignInFlow.AuthorizationCode)]
    public async Task SignIn_Denied_SaysSo(SignInFlow flow)
    {
        var signingIn = SignInAsync(Acme, flow);
        await Browser.DenyAsync((await _asked.Task.WaitAsync(Patience)).Url);
        var e = await Assert.ThrowsAsync<AwsException>(() => PassTimeUntilAsync(signingIn));
        Assert.Equal(AwsErrorCode.AccessDenied, e.Code);
    }

    [Theory]
    [InlineData(SignInFlow.DeviceCode)]
    [InlineData(SignInFlow.AuthorizationCode)]
    public async Task SignIn_NobodyDecides_EndsInTime(SignInFlow flow)
    {
        var signingIn = SignInAsync(Acme, flow);
        await _asked.Task.WaitAsync(Patience);
        Time.Advance(TimeSpan.FromMinutes(11));
        var e = await Assert.ThrowsAsync<AwsException>(() => PassTimeUntilAsync(signingIn));
        Assert.True(e.NeedsSignIn);
    }

    [Fact]
    public async Task SignIn_ManyAtOnce_AreOne()
    {
        var urls = new List<Uri>();
        var signingIn = Enumerable
            .Range(0, 5)
            .Select(_ =>
                Services.SignIn.SignInAsync(
                    Acme,
                    SignInFlow.AuthorizationCode,
                    request =>
                    {
                        lock (urls)
                        {
                            urls.Add(request.Url);
                        }

                        _asked.TrySetResult(request);
                    },
                    CancellationToken.None
                )
            )
            .ToArray();
        await Browser.AllowAsync((await _asked.Task.WaitAsync(Patience)).Url);
        await Task.WhenAll(signingIn).WaitAsync(Patience);
        Assert.Equal(5, urls.Count);
        Assert.Single(urls.Distinct());
    }

    [Fact]
    public async Task SignIn_TheOnlyOneCancels_IsGivenUpAndCanBeginAnew()
    {
        using var cancellation = new CancellationTokenSource();
        var given = Services.SignIn.SignInAsync(Acme, SignInFlow.AuthorizationCode, _asked.SetResult, cancellation.Token);
        var first = await _asked.Task.WaitAsync(Patience);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.WaitAsync(Patience));

        var second = new TaskCompletionSource<AuthorizationRequest>();
        var signingIn = Services.SignIn.SignInAsync(Acme, SignInFlow.AuthorizationCode, second.SetResult, CancellationToken.None);
        var url = (await second.Task.WaitAsync(Patience)).Url;
        Assert.NotEqual(first.Url, url);
        await Browser.AllowAsync(url);
        await signingIn.WaitAsync(Patience);
    }

    [Fact]
    public async Task SignIn_ByAStartUrl_CountsForTheProfileThatIsMadeThen()
    {
        Config("");
        var session = new SsoReference(StartUrl: "https://acme.awsapps.com/start", Region: "eu-west-1");
        var signingIn = SignInAsync(session, SignInFlow.AuthorizationCode);
        await Browser.AllowAsync((await _asked.Task.WaitAsync(Patience)).Url);
        await signingIn.WaitAsync(Patience);

        Assert.False(Services.Profiles.Create(new NewProfile("made", session, "111122223333", "Developer", "eu-west-1")).NeedsSignIn);
        Assert.StartsWith("jane-", (await StartSessionAsync("made")).SessionId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SignInFlow.AuthorizationCode)]
    [InlineData(SignInFlow.DeviceCode)]
    public async Task SignIn_TheServiceHasForgottenThisProgram_RegistersItAnew(SignInFlow flow)
    {
        for (var time = 0; time < 2; time++)
        {
            var asked = new TaskCompletionSource<AuthorizationRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
            var signingIn = Services.SignIn.SignInAsync(Acme, flow, asked.SetResult, CancellationToken.None);
            await Browser.AllowAsync((await asked.Task.WaitAsync(Patience)).Url);
            Assert.True((await PassTimeUntilAsync(signingIn)).IsSignedIn);
            await StartSessionAsync("dev");
            Emulator.ForgetClients();
        }
    }

    [Fact]
    public async Task SignIn_Done_LeavesWhatTheAwsCliReads()
    {
        await SignInAndAllowAsync();
#pragma warning disable CA5350 // It is the name of a file.
        var path = Path.Combine(Home, ".aws", "sso", "cache", $"{Convert.ToHexStringLower(SHA1.HashData("acme"u8))}.json");
#pragma warning restore CA5350
        var token = JsonNode.Parse(await File.ReadAllTextAsync(path))!.AsObject();
        Assert.Equal(
            ["accessToken", "clientId", "clientSecret", "expiresAt", "refreshToken", "region", "registrationExpiresAt", "startUrl"],
            token.Select(property => property.Key).Order(StringComparer.Ordinal)
        );
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string)token["expiresAt"]!);
        Assert.Equal("https://acme.awsapps.com/start", (string)token["startUrl"]!);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    [Fact]
    public async Task StartSession_TokenIsDue_RenewsItWithoutAPerson()
    {
        await SignInAndAllowAsync();
        var before = CachedTokens();
        await StartSessionAsync("dev");
        Assert.NotEqual(before, CachedTokens());
    }

    [Fact]
    public async Task StartSession_NotSignedIn_NeedsASignIn()
    {
        var e = await FailureAsync(() => StartSessionAsync("dev"));
        Assert.Equal(AwsErrorCode.CredentialsMissing, e.Code);
        Assert.Contains("https://acme.awsapps.com/start", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartSession_EverythingHasExpired_NeedsASignInAndThenWorks()
    {
        await SignInAndAllowAsync();
        await StartSessionAsync("dev");
        Emulator.ExpireSignIns();
        Assert.Equal(AwsErrorCode.CredentialsExpired, (await FailureAsync(() => StartSessionAsync("dev"))).Code);
        Assert.Equal(AwsErrorCode.CredentialsExpired, (await FailureAsync(() => StartSessionAsync("dev"))).Code);

        await SignInAndAllowAsync();
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task Calls_CredentialsEndBeforeTheirTime_FetchOthersWithoutAPerson()
    {
        await SignInAndAllowAsync();
        await StartSessionAsync("dev");
        Emulator.ExpireCredentials();
        await StartSessionAsync("dev");

        Emulator.ExpireCredentials();
        await Services.InventoryOf(new AwsScope("dev")).ListManagedNodesAsync(CancellationToken.None);
    }

    [Fact]
    public async Task SignOut_SignedIn_ForgetsTheTokenHereAndThere()
    {
        await SignInAndAllowAsync();
        await Services.SignIn.SignOutAsync(Acme, CancellationToken.None);
        await Services.SignIn.SignOutAsync(Acme, CancellationToken.None);
        Assert.False(Services.Profiles.List().SsoSessions.Single(session => session.Name == "acme").IsSignedIn);
        Assert.True((await FailureAsync(() => StartSessionAsync("dev"))).NeedsSignIn);
    }

    [Fact]
    public async Task ListAccountsAndRoles_SignedIn_AreOrderedByName()
    {
        await SignInAndAllowAsync();
        Assert.Equal(
            ["Acme Production", "Acme Staging"],
            (await Services.SignIn.ListAccountsAsync(Acme, CancellationToken.None)).Select(account => account.AccountName)
        );
        Assert.Equal(["Developer", "ReadOnly"], await Services.SignIn.ListRolesAsync(Acme, "111122223333", CancellationToken.None));
    }

    [Fact]
    public async Task StartSession_RoleThatIsNotAssigned_IsAccessDenied()
    {
        Config(Configuration.Replace("sso_role_name = Developer", "sso_role_name = Admin", StringComparison.Ordinal));
        await SignInAndAllowAsync();
        var e = await FailureAsync(() => StartSessionAsync("dev"));
        Assert.Equal(AwsErrorCode.AccessDenied, e.Code);
        Assert.Contains("Admin", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EverythingThatWasLogged_HoldsNoToken()
    {
        await SignInAndAllowAsync();
        await StartSessionAsync("dev");
        var log = string.Join('\n', Logs.Lines);
        foreach (var file in Directory.GetFiles(Path.Combine(Home, ".aws", "sso", "cache")))
        {
            var secrets = JsonNode
                .Parse(await File.ReadAllTextAsync(file))!
                .AsObject()
                .Where(property => property.Key is "accessToken" or "refreshToken" or "clientSecret")
                .Select(property => (string)property.Value!);
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, log, StringComparison.Ordinal));
        }

        Assert.Contains("Signed in", log, StringComparison.Ordinal);
    }

    private Task<SsoSession> SignInAsync(SsoReference session, SignInFlow flow) =>
        Services.SignIn.SignInAsync(session, flow, request => _asked.TrySetResult(request), CancellationToken.None);

    private async Task SignInAndAllowAsync()
    {
        var asked = new TaskCompletionSource<AuthorizationRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        var signingIn = Services.SignIn.SignInAsync(Acme, SignInFlow.AuthorizationCode, asked.SetResult, CancellationToken.None);
        await Browser.AllowAsync((await asked.Task.WaitAsync(Patience)).Url);
        await signingIn.WaitAsync(Patience);
    }

    private string CachedTokens() =>
        Directory
            .GetFiles(Path.Combine(Home, ".aws", "sso", "cache"))
            .Order(StringComparer.Ordinal)
            .Aggregate(new StringBuilder(), (text, file) => text.AppendLine(File.ReadAllText(file)))
            .ToString();
}
