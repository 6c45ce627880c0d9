using System.Security.Cryptography;
using System.Text.Json.Nodes;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Tests.Support;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.IdentityCenter;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>A sign-in that cannot be stored: it serves this process from memory, and costs other programs nothing that they need.</summary>
public sealed class UnsharedSignInTests : IdentityFixture
{
    private const string Warning = "not shared with the AWS CLI";

    private static readonly SsoReference Acme = new(SsoSession: "acme");

    private string Cache => Path.Combine(Home, ".aws", "sso", "cache");

#pragma warning disable CA5350 // It is the name of a file.
    private string TokenFile => Path.Combine(Cache, $"{Convert.ToHexStringLower(SHA1.HashData("acme"u8))}.json");
#pragma warning restore CA5350

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
        Config(
            """
            [sso-session acme]
            sso_start_url = https://acme.awsapps.com/start
            sso_region = eu-west-1
            sso_registration_scopes = sso:account:access

            [profile dev]
            sso_session = acme
            sso_account_id = 111122223333
            sso_role_name = Developer
            """
        );
    }

    [MountFact]
    public async Task ReadOnly_TheTokenStillWorks_ItsRefreshTokenIsLeftToOthers()
    {
        await SignInAsync();
        var before = await File.ReadAllTextAsync(TokenFile);
        using (MountedFolder.ReadOnly(Path.Combine(Home, ".aws")))
        {
            Assert.Equal(2, (await ListAccountsAsync()).Count);
            Assert.Equal(2, (await ListAccountsAsync()).Count);
        }

        Assert.Equal(before, await File.ReadAllTextAsync(TokenFile));
        Assert.Contains("read-only", Assert.Single(Warnings()), StringComparison.Ordinal);

        // The host's program renews it.
        await AnotherProgramListsAccountsAsync();
        Assert.NotEqual(before, await File.ReadAllTextAsync(TokenFile));
    }

    [MountFact]
    public async Task ReadOnly_TheTokenIsOver_IsRenewedInMemoryAndSharedWhenThatCanBeDone()
    {
        await SignInAsync();
        LetTokenEnd();
        var before = await File.ReadAllTextAsync(TokenFile);
        using (MountedFolder.ReadOnly(Path.Combine(Home, ".aws")))
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(2, (await ListAccountsAsync()).Count);
            }

            await StartSessionAsync("dev");
            Assert.Equal((true, false), StateOfAcme());
        }

        Assert.Equal(before, await File.ReadAllTextAsync(TokenFile));
        Assert.Single(Warnings());

        Assert.Equal((true, true), StateOfAcme());
        Assert.NotEqual(before, await File.ReadAllTextAsync(TokenFile));
        await AnotherProgramListsAccountsAsync();
        OnlyJsonIsLeft();
    }

    [MountFact]
    public async Task ReadOnly_ANewSignIn_EndsWellAndIsSharedLater()
    {
        Directory.CreateDirectory(Cache);
        using (MountedFolder.ReadOnly(Path.Combine(Home, ".aws")))
        {
            var session = await SignInAsync();
            Assert.Equal((true, false), (session.IsSignedIn, IsShared(session)));
            await StartSessionAsync("dev");
            Assert.Equal(2, (await ListAccountsAsync()).Count);
        }

        Assert.Single(Warnings());
        Assert.Equal((true, true), StateOfAcme());
        await AnotherProgramListsAccountsAsync();
    }

    [MountFact]
    public async Task ReadOnly_AnotherProgramSignsInMeanwhile_ItsTokenCounts()
    {
        Directory.CreateDirectory(Cache);
        using (MountedFolder.ReadOnly(Path.Combine(Home, ".aws")))
        {
            await SignInAsync();
        }

        using var other = new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault);
        await SignInAsync(other);
        var theirs = await File.ReadAllTextAsync(TokenFile);
        Assert.Equal((true, true), StateOfAcme());
        Assert.Equal(theirs, await File.ReadAllTextAsync(TokenFile));
    }

    [MountFact]
    public async Task ReadOnly_SignOut_CountsForThisProcess()
    {
        await SignInAsync();
        using (MountedFolder.ReadOnly(Path.Combine(Home, ".aws")))
        {
            await Services.SignIn.SignOutAsync(Acme, CancellationToken.None);
            await Services.SignIn.SignOutAsync(Acme, CancellationToken.None);
            Assert.False(StateOfAcme().IsSignedIn);
            Assert.True((await FailureAsync(() => StartSessionAsync("dev"))).NeedsSignIn);
        }

        Assert.False(StateOfAcme().IsSignedIn);
        Assert.False(File.Exists(TokenFile));
    }

    [MountFact]
    public async Task ReadOnly_CreateProfile_SaysWhy()
    {
        using var mounted = MountedFolder.ReadOnly(Path.Combine(Home, ".aws"));
        var e = Assert.Throws<AwsException>(() =>
            Services.Profiles.Create(new NewProfile("made", Acme, "111122223333", "Developer", "eu-west-1"))
        );
        Assert.Equal(AwsErrorCode.ConfigurationInvalid, e.Code);
        Assert.Contains("read-only", e.Message, StringComparison.Ordinal);
    }

    [MountFact]
    public async Task FullDisk_ANewSignIn_EndsWellAndLeavesNothingHalfWritten()
    {
        using var mounted = MountedFolder.Tiny(Cache, kibibytes: 64);
        var filler = Path.Combine(Cache, "filler");
        MountedFolder.Fill(filler);
        Assert.False(IsShared(await SignInAsync()));
        Assert.Equal(["filler"], Directory.GetFiles(Cache).Select(Path.GetFileName));
        Assert.Equal(2, (await ListAccountsAsync()).Count);
        Assert.Contains("disk is full", Assert.Single(Warnings()), StringComparison.Ordinal);

        File.Delete(filler);
        Assert.Equal((true, true), StateOfAcme());
        OnlyJsonIsLeft();
    }

    [MountFact]
    public async Task FullDisk_CreateProfile_LeavesTheFileAsItWas()
    {
        using var mounted = MountedFolder.Tiny(Path.Combine(Home, "tiny"), kibibytes: 64);
        var config = Path.Combine(Home, "tiny", "config");
        await File.WriteAllTextAsync(
            config,
            await File.ReadAllTextAsync(Path.Combine(Home, ".aws", "config")) + "#" + new string(' ', 4096 - 10)
        );
        Environment["AWS_CONFIG_FILE"] = config;
        var before = await File.ReadAllBytesAsync(config);
        MountedFolder.Fill(Path.Combine(Home, "tiny", "filler"));
        var e = Assert.Throws<AwsException>(() =>
            Services.Profiles.Create(new NewProfile(new string('x', 5000), Acme, "111122223333", "Developer", "eu-west-1"))
        );
        Assert.Contains("disk is full", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(config));
    }

    [Fact]
    public async Task AFileInTheFoldersPlace_ANewSignIn_EndsWell()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Cache)!);
        await File.WriteAllTextAsync(Cache, "");
        Assert.False(IsShared(await SignInAsync()));
        await StartSessionAsync("dev");
        LetTimePass(TimeSpan.FromMinutes(11));
        Assert.Equal(2, (await ListAccountsAsync()).Count);
        Assert.Single(Warnings());
    }

    [Fact]
    public async Task NoHome_ANewSignIn_EndsWellAndNothingIsWritten()
    {
        Environment["AWS_CONFIG_FILE"] = Path.Combine(Home, ".aws", "config");
        Environment["HOME"] = "nowhere";
        Assert.False(IsShared(await SignInAsync()));
        await StartSessionAsync("dev");
        Assert.False(Directory.Exists("nowhere"));
    }

    [Fact]
    public async Task SignIn_WhatAKilledProcessHasLeft_IsCleanedUpAndNothingElse()
    {
        Directory.CreateDirectory(Cache);
        var name = Path.GetFileName(TokenFile);
        var id = new string('a', 32);
        string[] stale = [$"{name}.rds-tunnel-{id}", $"{name}.{id}"];
        string[] foreign = [$"{name}.tmp", $"other.json.{id}", $"{name}.rds-tunnel-{id}.bak", "a.json.b"];
        var fresh = $"{name}.rds-tunnel-{new string('b', 32)}";
        foreach (var file in stale.Concat(foreign).Append(fresh))
        {
            await File.WriteAllTextAsync(Path.Combine(Cache, file), "");
            File.SetLastWriteTimeUtc(
                Path.Combine(Cache, file),
                TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(file == fresh ? 0 : -2)
            );
        }

        await SignInAsync();
        Assert.All(stale, file => Assert.False(File.Exists(Path.Combine(Cache, file)), file));
        Assert.All(foreign.Append(fresh), file => Assert.True(File.Exists(Path.Combine(Cache, file)), file));
    }

    [Fact]
    public async Task Renewal_ManyProcessesAtOnce_AllGoOn()
    {
        await SignInAsync();
        for (var round = 0; round < 3; round++)
        {
            LetTokenEnd();
            await File.WriteAllTextAsync($"{TokenFile}.rds-tunnel-lock", ""); // of a process that was killed
            var others = Enumerable.Range(0, 8).Select(_ => new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault)).ToList();
            var counts = await Task.WhenAll(
                    others.Select(async other => (await other.SignIn.ListAccountsAsync(Acme, CancellationToken.None)).Count)
                )
                .WaitAsync(Patience);
            Assert.All(counts, count => Assert.Equal(2, count));
            others.ForEach(other => other.Dispose());
        }

        OnlyJsonIsLeft();
    }

    [Fact]
    public async Task Renewal_TheFileIsHalfWrittenByAnotherProgram_IsReadAgain()
    {
        await SignInAsync();
        var text = await File.ReadAllTextAsync(TokenFile);
        await File.WriteAllTextAsync(TokenFile, text[..20]);
        var listing = ListAccountsAsync();
        await File.WriteAllTextAsync(TokenFile, text);
        Assert.Equal(2, (await listing.WaitAsync(Patience)).Count);
    }

    [Fact]
    public async Task Renewal_TheTokenWasRevokedBeforeItsEnd_AnotherIsGot()
    {
        await SignInAsync();
        var token = JsonNode.Parse(await File.ReadAllTextAsync(TokenFile))!;
        token["accessToken"] = "revoked";
        token["expiresAt"] = Time.GetUtcNow()
            .AddHours(8)
            .ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(TokenFile, token.ToJsonString());
        Assert.Equal(2, (await ListAccountsAsync()).Count);
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task Renewal_NobodyAnswers_IsNoReasonToSignIn()
    {
        await SignInAsync();
        LetTokenEnd();
        Environment["AWS_ENDPOINT_URL_SSO_OIDC"] = "http://127.0.0.1:1";
        var e = await FailureAsync(ListAccountsAsync);
        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.False(e.NeedsSignIn);
        Environment.Remove("AWS_ENDPOINT_URL_SSO_OIDC");
        Assert.Equal(2, (await ListAccountsAsync()).Count);
    }

    [Fact]
    public async Task Renewal_TheRefreshTokenIsOver_NeedsASignInFromThenOn()
    {
        await SignInAsync();
        LetTokenEnd();
        Emulator.ExpireSignIns();
        Assert.Equal(AwsErrorCode.CredentialsExpired, (await FailureAsync(ListAccountsAsync)).Code);
        Assert.False(StateOfAcme().IsSignedIn);
        await SignInAsync();
        Assert.Equal(2, (await ListAccountsAsync()).Count);
    }

    private async Task<SsoSession> SignInAsync(AwsServices? services = null)
    {
        var asked = new TaskCompletionSource<AuthorizationRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        var signingIn = (services ?? Services).SignIn.SignInAsync(
            Acme,
            SignInFlow.AuthorizationCode,
            asked.SetResult,
            CancellationToken.None
        );
        await Browser.AllowAsync((await asked.Task.WaitAsync(Patience)).Url);
        return await signingIn.WaitAsync(Patience);
    }

    private Task<IReadOnlyList<SsoAccount>> ListAccountsAsync() => Services.SignIn.ListAccountsAsync(Acme, CancellationToken.None);

    private async Task AnotherProgramListsAccountsAsync()
    {
        using var other = new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault);
        Assert.Equal(2, (await other.SignIn.ListAccountsAsync(Acme, CancellationToken.None)).Count);
    }

    private (bool IsSignedIn, bool IsShared) StateOfAcme()
    {
        var acme = Services.Profiles.List().SsoSessions.Single(session => session.Name == "acme");
        return (acme.IsSignedIn, IsShared(acme));
    }

    private static bool IsShared(SsoSession session) => session.IsShared ?? true;

    private void LetTokenEnd()
    {
        var token = JsonNode.Parse(File.ReadAllText(TokenFile))!;
        token["expiresAt"] = "2020-01-01T00:00:00Z";
        File.WriteAllText(TokenFile, token.ToJsonString());
    }

    private void LetTimePass(TimeSpan time) => Time.Advance(time);

    private IEnumerable<string> Warnings() => Logs.Lines.Where(line => line.Contains(Warning, StringComparison.Ordinal));

    private void OnlyJsonIsLeft() =>
        Assert.All(Directory.GetFiles(Cache), file => Assert.EndsWith(".json", file, StringComparison.Ordinal));
}
