using System.Text.Json.Nodes;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Tests.Support;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.World;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>What <c>aws login</c> leaves where it cannot be written back, and where several
/// processes renew it: its refresh token is good for one use.</summary>
public sealed class UnsharedLoginTests : ConsoleLoginFixture
{
    private static readonly TimeSpan AreOver = TimeSpan.FromMinutes(-1);
    private static readonly TimeSpan AreDue = TimeSpan.FromMinutes(2);

    private protected override EmulatorOptions Options => new() { Roles = [new EmulatedRole("arn:aws:iam::111122223333:role/Plain")] };

    [MountFact]
    public async Task ReadOnly_TheKeysStillWork_TheRefreshTokenIsLeftToOthers()
    {
        AwsLogin(AreDue);
        var before = await File.ReadAllTextAsync(CacheFile);
        using (MountedFolder.ReadOnly(Path.Combine(Home, ".aws")))
        {
            await StartSessionAsync("dev");
            await StartSessionAsync("dev");
        }

        Assert.Equal(before, await File.ReadAllTextAsync(CacheFile));
        Assert.Contains("read-only", Assert.Single(Warnings()), StringComparison.Ordinal);

        // The host's program renews it.
        await AnotherProcessUsesItAsync();
        Assert.NotEqual(before, await File.ReadAllTextAsync(CacheFile));
    }

    [MountFact]
    public async Task ReadOnly_TheKeysAreOver_AreRenewedInMemoryAndSharedWhenThatCanBeDone()
    {
        AwsLogin(AreOver);
        var before = await File.ReadAllTextAsync(CacheFile);
        using (MountedFolder.ReadOnly(Path.Combine(Home, ".aws")))
        {
            for (var i = 0; i < 3; i++)
            {
                await PassTimeUntilAsync(StartSessionAsync("dev"));
                Time.Advance(TimeSpan.FromMinutes(16)); // a renewal of what is in memory, too
            }

            await PassTimeUntilAsync(StartSessionAsync("role"));
        }

        Assert.Equal(before, await File.ReadAllTextAsync(CacheFile));
        Assert.Single(Warnings());

        Time.Advance(TimeSpan.FromMinutes(16));
        await PassTimeUntilAsync(StartSessionAsync("dev"));
        Assert.NotEqual(before, await File.ReadAllTextAsync(CacheFile));
        await AnotherProcessUsesItAsync();
        OnlyJsonIsLeft();
    }

    [MountFact]
    public async Task ReadOnly_APersonSignsInMeanwhile_TheirKeysCount()
    {
        AwsLogin(AreOver);
        using (MountedFolder.ReadOnly(Path.Combine(Home, ".aws")))
        {
            await StartSessionAsync("dev");
        }

        AwsLogin();
        var theirs = await File.ReadAllTextAsync(CacheFile);
        Time.Advance(TimeSpan.FromMinutes(1));
        await PassTimeUntilAsync(StartSessionAsync("dev"));
        Assert.Equal(theirs, await File.ReadAllTextAsync(CacheFile));
    }

    [MountFact]
    public async Task FullDisk_TheKeysAreOver_AreRenewedAndNothingIsHalfWritten()
    {
        using var mounted = MountedFolder.Tiny(Cache, kibibytes: 64);
        AwsLogin(AreOver);
        var before = await File.ReadAllTextAsync(CacheFile);
        var filler = Path.Combine(Cache, "filler");
        MountedFolder.Fill(filler);

        await StartSessionAsync("dev");
        await StartSessionAsync("role");

        Assert.Equal(before, await File.ReadAllTextAsync(CacheFile));
        Assert.Equal(
            new[] { Path.GetFileName(CacheFile), "filler" }.Order(StringComparer.Ordinal),
            Directory.GetFiles(Cache).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Contains("disk is full", Assert.Single(Warnings()), StringComparison.Ordinal);

        File.Delete(filler);
        Time.Advance(TimeSpan.FromMinutes(16));
        await PassTimeUntilAsync(StartSessionAsync("dev"));
        await AnotherProcessUsesItAsync();
        OnlyJsonIsLeft();
    }

    [Fact]
    public async Task Renewal_ManyProcessesAtOnce_AllGoOn()
    {
        AwsLogin();
        for (var round = 0; round < 3; round++)
        {
            LetKeysEndIn(round == 1 ? AreDue : AreOver);
            await File.WriteAllTextAsync($"{CacheFile}.rds-tunnel-lock", ""); // of a process that was killed
            var others = Enumerable.Range(0, 8).Select(_ => new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault)).ToList();
            var keys = await Task.WhenAll(others.Select(other => CredentialsOf(other, "dev").GetCredentialsAsync())).WaitAsync(Patience);
            Assert.Single(keys.Select(key => key.AccessKey).Distinct());
            others.ForEach(other => other.Dispose());
            await StartSessionAsync("dev");
        }

        OnlyJsonIsLeft();
    }

    [Fact]
    public async Task Renewal_TheFileIsHalfWrittenByTheAwsCli_IsReadAgain()
    {
        AwsLogin(AreOver);
        var text = await File.ReadAllTextAsync(CacheFile);
        await File.WriteAllTextAsync(CacheFile, text[..20]);
        var starting = StartSessionAsync("dev");
        await File.WriteAllTextAsync(CacheFile, text);
        await starting.WaitAsync(Patience);
    }

    [Fact]
    public async Task Renewal_WhatAKilledProcessHasLeft_IsCleanedUpAndNothingElse()
    {
        AwsLogin(AreOver);
        var name = Path.GetFileName(CacheFile);
        var (stale, foreign) = ($"{name}.rds-tunnel-{new string('a', 32)}", $"{name}.tmp");
        foreach (var file in new[] { stale, foreign })
        {
            await File.WriteAllTextAsync(Path.Combine(Cache, file), "");
            File.SetLastWriteTimeUtc(Path.Combine(Cache, file), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        }

        await StartSessionAsync("dev");
        Assert.Equal((false, true), (File.Exists(Path.Combine(Cache, stale)), File.Exists(Path.Combine(Cache, foreign))));
    }

    [Fact]
    public async Task Renewal_NobodyAnswers_IsNoReasonToSignIn()
    {
        AwsLogin(AreOver);
        Environment["AWS_ENDPOINT_URL_SIGNIN"] = "http://127.0.0.1:1";
        var e = await FailureAsync(() => StartSessionAsync("dev"));
        Assert.Equal(AwsErrorCode.Unreachable, e.Code);
        Assert.False(e.NeedsSignIn);
        Environment.Remove("AWS_ENDPOINT_URL_SIGNIN");
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task Renewal_NobodyAnswersButTheKeysStillWork_GoesOnWithThem()
    {
        AwsLogin(AreDue);
        Environment["AWS_ENDPOINT_URL_SIGNIN"] = "http://127.0.0.1:1";
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task Renewal_TheAnswerIsLost_NeedsAPersonOnlyWhenTheTokenIsUsedUp()
    {
        AwsLogin(AreOver);
        var used = await File.ReadAllTextAsync(CacheFile);
        await AnotherProcessUsesItAsync();
        var newer = await File.ReadAllTextAsync(CacheFile);

        await File.WriteAllTextAsync(CacheFile, used);
        Assert.True((await FailureAsync(() => StartSessionAsync("dev"))).NeedsSignIn);
        await File.WriteAllTextAsync(CacheFile, newer);
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task Renewal_TheFileIsDeletedMeanwhile_IsNotBroughtBack()
    {
        AwsLogin(AreOver);
        Environment["AWS_ENDPOINT_URL_SIGNIN"] = Environment["AWS_ENDPOINT_URL"];
        using var other = new AwsServices(
            Time,
            Logs,
            MfaCodes,
            name => name == "AWS_ENDPOINT_URL_SIGNIN" ? Delete() : Environment.GetValueOrDefault(name)
        );
        Assert.True((await FailureAsync(() => CredentialsOf(other, "dev").GetCredentialsAsync())).NeedsSignIn);
        Assert.False(File.Exists(CacheFile));

        string Delete()
        {
            File.Delete(CacheFile);
            return Environment["AWS_ENDPOINT_URL"];
        }
    }

    [Fact]
    public async Task EverythingThatWasLogged_HoldsNoSecret()
    {
        AwsLogin(AreOver);
        var file = JsonNode.Parse(await File.ReadAllTextAsync(CacheFile))!;
        await StartSessionAsync("dev");
        var renewed = JsonNode.Parse(await File.ReadAllTextAsync(CacheFile))!;
        var log = string.Join('\n', Logs.Lines);
        foreach (var token in new[] { file, renewed })
        {
            foreach (
                var secret in new[]
                {
                    token["refreshToken"],
                    token["dpopKey"],
                    token["accessToken"]!["secretAccessKey"],
                    token["accessToken"]!["sessionToken"],
                }
            )
            {
                Assert.DoesNotContain((string)secret!, log, StringComparison.Ordinal);
            }
        }
    }

    private async Task AnotherProcessUsesItAsync()
    {
        using var other = new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault);
        await CredentialsOf(other, "dev").GetCredentialsAsync().WaitAsync(Patience);
    }

    private IEnumerable<string> Warnings() =>
        Logs.Lines.Where(line => line.Contains("not shared with the AWS CLI", StringComparison.Ordinal));

    private void OnlyJsonIsLeft() =>
        Assert.All(Directory.GetFiles(Cache), file => Assert.EndsWith(".json", file, StringComparison.Ordinal));
}
