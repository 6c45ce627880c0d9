using RdsTunnel.Aws.Tests.Support;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Signing;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>Credentials come from wherever a profile says, as with the AWS CLI; what is refused is said in words.</summary>
public sealed class CredentialSourceTests : IdentityFixture
{
    private const string Keys =
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    private const string Plain = "arn:aws:iam::111122223333:role/Plain";
    private const string External = "arn:aws:iam::111122223333:role/External";
    private const string WithMfa = "arn:aws:iam::111122223333:role/WithMfa";
    private const string FromToken = "arn:aws:iam::111122223333:role/FromToken";
    private const string Serial = "arn:aws:iam::111122223333:mfa/jane";

    private protected override EmulatorOptions Options =>
        new()
        {
            Roles =
            [
                new(Plain),
                new(External, ExternalId: "acme-42"),
                new(WithMfa, MfaSerial: Serial, MfaCode: "123456"),
                new(FromToken, WebIdentityToken: "a.b.c"),
            ],
        };

    [Fact]
    public async Task AssumeRole_WithAnotherProfilesKeys_Works()
    {
        Config($"[profile base]\n{Keys}[profile dev]\nrole_arn = {Plain}\nsource_profile = base\nduration_seconds = 900\n");
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task AssumeRole_ThroughAChain_Works()
    {
        Config(
            $"[profile base]\n{Keys}[profile first]\nrole_arn = {Plain}\nsource_profile = base\n"
                + $"[profile second]\nrole_arn = {External}\nexternal_id = acme-42\nsource_profile = first\n"
        );
        await StartSessionAsync("second");
    }

    [Fact]
    public async Task AssumeRole_WithTheProfilesOwnKeys_Works()
    {
        Config($"[profile dev]\nrole_arn = {Plain}\nsource_profile = dev\n{Keys}");
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task AssumeRole_WithTheEnvironmentsKeys_Works()
    {
        Config($"[profile dev]\nrole_arn = {Plain}\ncredential_source = Environment\n");
        Environment["AWS_ACCESS_KEY_ID"] = EmulatedCredential.Default.AccessKeyId;
        Environment["AWS_SECRET_ACCESS_KEY"] = EmulatedCredential.Default.SecretAccessKey;
        await StartSessionAsync("dev");
    }

    [Fact]
    public async Task AssumeRole_ExternalIdIsMissing_IsAccessDeniedWithTheRole()
    {
        Config($"[profile base]\n{Keys}[profile dev]\nrole_arn = {External}\nsource_profile = base\n");
        var e = await FailureAsync(() => StartSessionAsync("dev"));
        Assert.Equal(AwsErrorCode.AccessDenied, e.Code);
        Assert.Contains(External, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AssumeRole_WithMfa_AsksOnceForAllRequests()
    {
        Config($"[profile base]\n{Keys}[profile dev]\nrole_arn = {WithMfa}\nsource_profile = base\nmfa_serial = {Serial}\n");
        await StartSessionAsync("dev");
        await StartSessionAsync("dev");
        Assert.Equal([Serial], MfaCodes.Asked);
    }

    [Fact]
    public async Task AssumeRole_CredentialsAreDue_AreFetchedAhead()
    {
        Config(
            $"[profile base]\n{Keys}[profile dev]\nrole_arn = {WithMfa}\nsource_profile = base\nmfa_serial = {Serial}\nduration_seconds = 900\n"
        );
        var credentials = CredentialsOf(Services, "dev");
        var first = await credentials.GetCredentialsAsync();
        Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(first, await credentials.GetCredentialsAsync());
        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.NotNull(await credentials.GetCredentialsAsync());
        Assert.Equal(2, MfaCodes.Asked.Count);
    }

    [Fact]
    public async Task WebIdentity_TokenInAFile_Works()
    {
        var token = Path.Combine(Home, "token");
        await File.WriteAllTextAsync(token, "a.b.c\n");
        Config($"[profile dev]\nrole_arn = {FromToken}\nweb_identity_token_file = {token}\n");
        await StartSessionAsync("dev");

        await File.WriteAllTextAsync(token, "other");
        Config($"[profile dev]\nrole_arn = {FromToken}\nweb_identity_token_file = {token}\nrole_session_name = again\n");
        Assert.True((await FailureAsync(() => StartSessionAsync("dev"))).NeedsSignIn);
    }

    [Fact]
    public async Task WebIdentity_NamedByTheEnvironment_GoesBeforeTheDefaultProfilesKeys()
    {
        var token = Path.Combine(Home, "token");
        await File.WriteAllTextAsync(token, "a.b.c\n");
        Environment["AWS_ROLE_ARN"] = FromToken;
        Environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = token;
        await StartSessionAsync(null);

        Config($"[default]\nregion = eu-west-1\n{Keys.Replace("bPxRfi", "another", StringComparison.Ordinal)}");
        await StartSessionAsync(null);
        Assert.Equal(AwsErrorCode.CredentialsInvalid, (await FailureAsync(() => StartSessionAsync("default"))).Code);
    }

    [Fact]
    public async Task CredentialProcess_PrintsKeys_Works()
    {
        Config(
            "[profile dev]\ncredential_process = "
                + Script(
                    """
                    printf '{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}'
                    """
                )
        );
        await StartSessionAsync("dev");
    }

    [Theory]
    [InlineData("echo secret; exit 3", "ended with code 3")]
    [InlineData("echo not-json-secret", "did not print credentials in JSON")]
    [InlineData("""echo '{"Version":1,"AccessKeyId":"secret"}'""", "without SecretAccessKey")]
    [InlineData("""echo '{"AccessKeyId":"A","SecretAccessKey":"secret"}'""", "without \"Version\": 1")]
    [InlineData("""echo '{"Version":"1","AccessKeyId":"A","SecretAccessKey":"secret"}'""", "without \"Version\": 1")]
    [InlineData("""echo '{"version":1,"AccessKeyId":"A","SecretAccessKey":"secret"}'""", "without \"Version\": 1")]
    [InlineData("""echo '["secret"]'""", "did not print credentials in JSON")]
    [InlineData("""echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"secret","Expiration":"soon"}'""", "an invalid Expiration")]
    [InlineData("""echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"secret","Expiration":"2026-11-28T03:56:02"}'""", "a time zone")]
    [InlineData(
        """echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"secret","Expiration":"2001-11-28T03:56:02Z"}'""",
        "expired credentials"
    )]
    [InlineData("head -c 100000 /dev/zero", "more than 65536 characters")]
    public async Task CredentialProcess_Fails_SaysHowWithoutItsOutput(string script, string says)
    {
        Config("[profile dev]\ncredential_process = " + Script(script));
        var e = await FailureAsync(() => StartSessionAsync("dev"));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "[profile dev]\nrole_arn = x\nsource_profile = other\n[profile other]\nrole_arn = y\nsource_profile = dev\n",
        "refers back to itself"
    )]
    [InlineData("[profile dev]\nrole_arn = x\nsource_profile = gone\n", "\"gone\"")]
    [InlineData("[profile dev]\nrole_arn = x\n", "needs a source_profile")]
    [InlineData("[profile dev]\nrole_arn = x\ncredential_source = Moon\n", "credential_source must be")]
    [InlineData("[profile dev]\nrole_arn = x\nsource_profile = dev\ncredential_source = Environment\n", "only one of them")]
    [InlineData(
        "[profile dev]\nrole_arn = x\nsource_profile = dev\nduration_seconds = 60\naws_access_key_id = A\naws_secret_access_key = s\n",
        "must be 900 to 43200"
    )]
    [InlineData("[profile dev]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = r\n", "There is no sso-session \"gone\"")]
    [InlineData("[profile dev]\nsso_start_url = https://a.example\nsso_account_id = 1\nsso_role_name = r\n", "sso_region")]
    [InlineData(
        "[profile dev]\nsso_start_url = ftp://a.example\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n",
        "must be an https URL"
    )]
    [InlineData("[profile dev]\nsso_start_url = https://a.example\nsso_region = eu-west-1\nsso_role_name = r\n", "sso_account_id")]
    [InlineData("[profile dev]\nregion = eu-west-1\n", "has no credentials: neither access keys nor another source")]
    public void For_ProfileThatMakesNoSense_SaysWhy(string config, string says)
    {
        Config(config);
        var e = Assert.Throws<AwsException>(() => Services.For(new AwsScope("dev")));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    private string Script(string text)
    {
        var path = Path.Combine(Home, "credentials.sh");
        File.WriteAllText(path, text);
        return $"/bin/sh {path}";
    }
}
