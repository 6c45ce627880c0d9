using System.Globalization;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>A program that gives credentials: how it is called, how it fails, and what is told of that.</summary>
public sealed class CredentialProcessTests : IdentityFixture
{
    private const string Secret = "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY";

    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly string[] Regions = ["eu-west-1", "eu-central-1", "us-east-1"];

    [Theory]
    [InlineData("""--team "team #1" --json""", "--team|team #1|--json|")]
    [InlineData("""a b ; c $HOME ~ | x > y""", "a|b|;|c|$HOME|~|||x|>|y|")]
    [InlineData("""'a b' "c \"d\"" e\ f ''""", "a b|c \"d\"|e f||")]
    public async Task CommandLine_QuotesAndWhatAShellWouldRead_ArriveAsTheAwsCliPassesThem(string arguments, string expected)
    {
        var seen = Path.Combine(Home, "seen");
        Config($"[profile dev]\ncredential_process = {Script($"printf '%s|' \"$@\" > {seen}\n{PrintKeys()}")} {arguments}\n");

        await CredentialsOf(Services, "dev").GetCredentialsAsync();

        Assert.Equal(expected, await File.ReadAllTextAsync(seen));
    }

    [Fact]
    public async Task CommandLine_SemicolonInAQuotation_IsPartOfTheWord()
    {
        Config($"[profile dev]\ncredential_process = sh -c 'true ; {Script(PrintKeys())} a b'\n");
        await CredentialsOf(Services, "dev").GetCredentialsAsync();
    }

    [Theory]
    [InlineData("helper \"a", "an unclosed quote")]
    [InlineData("no-such-helper-anywhere a", "names a program that doesn't exist")]
    [InlineData("/no/such/helper", "names a program that doesn't exist")]
    [InlineData("/etc/passwd", "aren't allowed to run")]
    public async Task CommandLine_CannotBeRun_SaysWhyWithoutIt(string command, string says)
    {
        Config($"[profile dev]\ncredential_process = {command}\n");
        var e = await FailureAsync(() => CredentialsOf(Services, "dev").GetCredentialsAsync());
        Assert.Equal(AwsErrorCode.CredentialsUnavailable, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("helper", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_Fails_IsNoMissingSignIn()
    {
        Config($"[profile dev]\ncredential_process = {Script("echo 'VPN is down' >&2; exit 7")}\n");
        var e = await FailureAsync(() => StartSessionAsync("dev"));
        Assert.Equal(AwsErrorCode.CredentialsUnavailable, e.Code);
        Assert.False(e.NeedsSignIn);
        Assert.Contains("ended with code 7 and says: VPN is down", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Version":1,"AccessKeyId":"\\ud800","SecretAccessKey":"x"}""", "did not print credentials in JSON")]
    [InlineData("""{"Version":1,"AccessKeyId":"","SecretAccessKey":""}""", "printed keys that can't be used")]
    [InlineData("""{"Version":1,"AccessKeyId":"AKIA EXAMPLE","SecretAccessKey":"x"}""", "printed keys that can't be used")]
    [InlineData(
        """{"Version":1,"AccessKeyId":"AKIAEXAMPLE","SecretAccessKey":"x","SessionToken":"a\\nb"}""",
        "printed keys that can't be used"
    )]
    [InlineData("""{"Version":1,"AccessKeyId":"AKIAEXAMPLE\\u0000","SecretAccessKey":"x"}""", "printed keys that can't be used")]
    public async Task Program_PrintsWhatNoRequestCanBeSignedWith_SaysSo(string printed, string says)
    {
        Config($"[profile dev]\ncredential_process = {Script($"printf '{printed}'")}\n");
        var e = await FailureAsync(() => CredentialsOf(Services, "dev").GetCredentialsAsync());
        Assert.Equal(AwsErrorCode.CredentialsUnavailable, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_FailsOnce_IsRunAgainByTheNextCall()
    {
        var flag = Path.Combine(Home, "flag");
        Config($"[profile dev]\ncredential_process = {Script($"[ -e {flag} ] || {{ touch {flag}; exit 1; }}\n{PrintKeys()}")}\n");
        var credentials = CredentialsOf(Services, "dev");
        await FailureAsync(() => credentials.GetCredentialsAsync());
        await credentials.GetCredentialsAsync();
    }

    [Fact]
    public async Task Program_ForSeveralRegionsAtTheSameTime_IsRunOnce()
    {
        var runs = Path.Combine(Home, "runs");
        Config($"[profile dev]\ncredential_process = {Script($"echo x >> {runs}\n{PrintKeys()}")}\n");
        await Task.WhenAll(
            Regions.Select(region => Services.CredentialsOf(new AwsSettings("dev", region, null, false, false)).GetCredentialsAsync())
        );
        Assert.Single(await File.ReadAllLinesAsync(runs));
    }

    [Theory]
    [InlineData("+%Y-%m-%dT%H:%M:%S+0000")]
    [InlineData("+%Y-%m-%d %H:%M:%S+00:00")]
    [InlineData("+%Y-%m-%d %H:%M:%S UTC")]
    [InlineData("+%a, %d %b %Y %H:%M:%S GMT")]
    public async Task Expiration_AsHelpersWriteIt_IsTaken(string format)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"$(LC_ALL=C date -u -d '+1 hour' '{format}')");
        Config(
            $"[profile dev]\ncredential_process = {Script($"echo \"{{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"AKIAIOSFODNN7EXAMPLE\\\",\\\"SecretAccessKey\\\":\\\"x\\\",\\\"Expiration\\\":\\\"{text}\\\"}}\"")}\n"
        );
        await CredentialsOf(Services, "dev").GetCredentialsAsync();
    }

    [Fact]
    public async Task StandardError_HundredMegabytes_IsReadButNotHeld()
    {
        var result = await HelperProcess.RunAsync(
            $"{Script("head -c 100000000 /dev/zero | tr '\\0' 'x' >&2; echo >&2; echo the end >&2; exit 1")}",
            TimeProvider.System,
            Never
        );
        Assert.InRange(result.Errors.Length, 1, 4096);
        Assert.EndsWith("the end\n", result.Errors, StringComparison.Ordinal);
        Assert.Equal("the end", HelperWords.Of(result.Errors, result.IsCut, "helper", result.Output));
    }

    [Theory]
    [InlineData($"secret key is {Secret}", Secret)]
    [InlineData("Authorization: Bearer abcdefghijkl", "abcdefghijkl")]
    [InlineData("password=hunter2", "hunter2")]
    [InlineData("\"client_secret\": \"hunter2\"", "hunter2")]
    [InlineData("cannot connect to https://jane:hunter2@proxy:8080/", "hunter2")]
    [InlineData("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.abc", "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9")]
    [InlineData("unknown option correct-horse", "correct-horse")] // an argument
    [InlineData("unknown option --pin=battery", "battery")] // an option's value
    [InlineData("I printed staple123", "staple123")] // what it printed
    [InlineData("5f4dcc3b5aa765d61d8327deb882cf99", "5f4dcc3b5aa765d61d8327deb882cf99")]
    [InlineData("MFA code: 123456", "123456")]
    [InlineData("MFA code 123456 was used before", "123456")]
    [InlineData(@"{""message"":""{\""SecretAccessKey\"":\""hunter2\""}""}", "hunter2")]
    [InlineData("<SecretAccessKey>hunter2</SecretAccessKey>", "hunter2")]
    [InlineData("{'secret_key': b'hunter2'}", "hunter2")]
    [InlineData("the password hunter2 is wrong", "hunter2")]
    [InlineData("the password 'hunter' is wrong", "'hunter'")]
    [InlineData("cannot reach https://jane:p@ss/hunter2@vault.example.com/v1", "hunter2")]
    [InlineData("not -pstaple", "staple")] // an option's value, without a space
    [InlineData("line 1: use hunter2now", "hunter2now")] // a word of a script
    public void Words_WithASecret_AreShownWithoutIt(string errors, string secret) =>
        Assert.DoesNotContain(
            secret,
            HelperWords.Of(
                errors,
                isCut: false,
                "helper correct-horse --pin=battery -pstaple -c 'echo hunter2now >&2'",
                "{\"a\":\"staple123\"}"
            ),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("hunter2 no more", "no more")]
    [InlineData("\": \"hunter2\" ends", "ends")]
    [InlineData(" \"hunter2\" ends", "ends")]
    public void Words_CutInASecret_AreShownWithoutTheRestOfIt(string errors, string expected) =>
        Assert.Equal(expected, HelperWords.Of(errors, isCut: true, "helper", ""));

    [Theory]
    [InlineData("the token has expired")]
    [InlineData("User: arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/jane may not call sts:AssumeRole")]
    [InlineData("The security token included in the request is invalid")]
    public void Words_WithoutASecret_AreShownAsTheyAre(string errors) =>
        Assert.Equal(errors, HelperWords.Of(errors, isCut: false, "helper", ""));

    [Theory]
    [InlineData("\u001b[31merror:\u001b[0m no network\u001b]0;title\u0007", "error: no network")]
    [InlineData("a\u0000b\u0008c\u202ed", "a b c d")]
    [InlineData("10%\r50%\rfailed\n", "10% / 50% / failed")]
    [InlineData("1\n2\n\n3\n4\n", "2 / 3 / 4")]
    [InlineData("", "")]
    public void Words_ForATerminal_AreShownAsText(string errors, string expected) =>
        Assert.Equal(expected, HelperWords.Of(errors, isCut: false, "helper", ""));

    [Fact]
    public void Words_VeryLong_AreShownInPart() =>
        Assert.InRange(HelperWords.Of(string.Join(' ', Enumerable.Repeat("word", 1000)), false, "helper", "").Length, 100, 301);

    [Fact]
    public async Task Cancelled_KillsTheProgramAndWhatItHasStarted()
    {
        var pids = Path.Combine(Home, "pids");
        var command = Script($"sh -c 'echo $$ >> {pids}; exec sleep 600' & echo $$ >> {pids}; wait");
        using var cancelling = new CancellationTokenSource();
        var running = HelperProcess.RunAsync(command, TimeProvider.System, cancelling.Token);
        await UntilAsync(() => File.Exists(pids) && File.ReadAllLines(pids).Length == 2);

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Patience));
        await UntilAsync(() => File.ReadAllLines(pids).All(pid => !IsRunning(pid)));
    }

    [Fact]
    public async Task Disposed_EndsTheProgram()
    {
        var pids = Path.Combine(Home, "pids");
        Config($"[profile dev]\ncredential_process = {Script($"echo $$ >> {pids}; exec sleep 600")}\n");
        using var services = new AwsServices(Time, Logs, MfaCodes, Environment.GetValueOrDefault);
        var asked = CredentialsOf(services, "dev").GetCredentialsAsync();
        await UntilAsync(() => File.Exists(pids) && File.ReadAllLines(pids).Length == 1);

        services.Dispose();

        Assert.Contains("stopped because this program is exiting", (await FailureAsync(() => asked)).Message, StringComparison.Ordinal);
        await UntilAsync(() => !IsRunning(File.ReadAllLines(pids)[0]));
    }

    [Fact]
    public async Task TwoMinutes_AreAllItHas()
    {
        Config($"[profile dev]\ncredential_process = {Script("exec sleep 600")}\n");
        var e = await Assert.ThrowsAsync<AwsException>(() => PassTimeUntilAsync(CredentialsOf(Services, "dev").GetCredentialsAsync()));
        Assert.Contains("timed out after 2 minutes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateIamToken_CredentialsThatEndBeforeIt_AreRenewedFirst()
    {
        var runs = Path.Combine(Home, "runs");
        var (soon, later) = (Time.GetUtcNow().AddMinutes(10), Time.GetUtcNow().AddHours(1));
        Config(
            $"[profile dev]\ncredential_process = {Script($"[ -e {runs} ] || {{ echo x >> {runs}; {PrintKeys("ASIAFIRST", soon)}; exit; }}\necho x >> {runs}; {PrintKeys("ASIASECOND", later)}")}\n"
        );
        var inventory = Services.InventoryOf(new AwsScope("dev", "eu-west-1"));
        await CredentialsOf(Services, "dev").GetCredentialsAsync();

        var token = await TokenAsync(inventory);

        Assert.Contains("Credential=ASIASECOND", token.Token, StringComparison.Ordinal);
        Assert.Equal(Time.GetUtcNow().AddMinutes(15), token.ExpiresAt);
        await TokenAsync(inventory);
        Assert.Equal(2, (await File.ReadAllLinesAsync(runs)).Length);
    }

    [Fact]
    public async Task CreateIamToken_CredentialsNeverLastAsLong_ExpiresWithThemAndAsksRarely()
    {
        var runs = Path.Combine(Home, "runs");
        var end = Time.GetUtcNow().AddMinutes(10);
        Config($"[profile dev]\ncredential_process = {Script($"echo x >> {runs}; {PrintKeys("ASIAFIRST", end)}")}\n");
        var inventory = Services.InventoryOf(new AwsScope("dev", "eu-west-1"));

        Assert.Equal(end, (await TokenAsync(inventory)).ExpiresAt, TimeSpan.FromSeconds(1));
        Assert.Equal(end, (await TokenAsync(inventory)).ExpiresAt, TimeSpan.FromSeconds(1));
        Assert.Single(await File.ReadAllLinesAsync(runs));
        Time.Advance(ExpiringCredentials.RenewAhead);
        await TokenAsync(inventory);
        Assert.Equal(2, (await File.ReadAllLinesAsync(runs)).Length);
    }

    private static Task<IamToken> TokenAsync(IInventory inventory) =>
        inventory.CreateIamTokenAsync(DatabaseService.Rds, "orders.abc.eu-west-1.rds.amazonaws.com", 5432, "jane", Never);

    private static string PrintKeys(string id, DateTimeOffset end) =>
        $$"""printf '{"Version":1,"AccessKeyId":"{{id}}","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","SessionToken":"t","Expiration":"{{end:O}}"}'""";

    // A zombie has ended: nobody has asked for its code yet.
    private static bool IsRunning(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].Trim()[0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    private static string PrintKeys() =>
        """printf '{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}'""";

    private string Script(string text)
    {
        var path = Path.Combine(Home, "program.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}
