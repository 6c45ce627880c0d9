using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>Something else answers where IAM Identity Center should: what it says opens no program, ends nothing and is told in our own
/// words.</summary>
public sealed class HostileSignInTests : SessionFixture
{
    private const string Registration = """{"clientId":"id","clientSecret":"secret","clientSecretExpiresAt":9223372036854775807}""";
    private const string Device =
        """{"deviceCode":"device","userCode":"ABCD-EFGH","verificationUri":"https://acme.awsapps.com/start/#/device","expiresIn":600,"interval":1}""";

    private static readonly SsoReference Acme = new(SsoSession: "acme");

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("rds-tunnel-aws-");
    private readonly List<AuthorizationRequest> _asked = [];
    private readonly Dictionary<string, string> _answers = new()
    {
        ["/client/register"] = Registration,
        ["/device_authorization"] = Device,
    };

    private string TokenFile =>
#pragma warning disable CA5350 // The AWS CLI's name of the file.
        Path.Combine(_home.FullName, ".aws/sso/cache", $"{Convert.ToHexStringLower(SHA1.HashData("acme"u8))}.json");
#pragma warning restore CA5350

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Environment.Clear();
        Environment["HOME"] = _home.FullName;
        Environment["AWS_ENDPOINT_URL"] = Stub.Url.AbsoluteUri;
        Directory.CreateDirectory(Path.GetDirectoryName(TokenFile)!);
        await File.WriteAllTextAsync(
            Path.Combine(_home.FullName, ".aws/config"),
            "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n"
                + "[profile dev]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = Developer\nregion = eu-west-1\n"
        );
        Stub.Answer = AnswerAsync;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _home.Delete(recursive: true);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"clientId":"","clientSecret":"secret"}""")]
    [InlineData("""{"clientId":"id","clientSecret":null}""")]
    [InlineData("""{"clientId":"id","clientSecret":"secret","clientSecretExpiresAt":"never"}""")]
    public async Task SignIn_ARegistrationWithoutAClient_IsAServiceFault(string registration)
    {
        _answers["/client/register"] = registration;
        foreach (var flow in new[] { SignInFlow.DeviceCode, SignInFlow.AuthorizationCode, SignInFlow.Auto })
        {
            await FailsAsync(flow);
        }

        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("vscode://publisher.extension/run")]
    [InlineData("command:workbench.action.quit")]
    [InlineData("https://jane:secret@acme.awsapps.com/")]
    [InlineData("/start")]
    [InlineData("")]
    public async Task SignIn_AnAddressThatIsNoPage_IsAServiceFaultAndOpensNothing(string address)
    {
        _answers["/device_authorization"] =
            $$"""{"deviceCode":"device","userCode":"ABCD-EFGH","verificationUri":"{{address}}","verificationUriComplete":"{{address}}"}""";
        await FailsAsync(SignInFlow.DeviceCode);
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData("[Sign in](command:workbench.action.quit)")]
    [InlineData("\\u001b[31mABCD")]
    [InlineData("AB\\nCD")]
    [InlineData("\\u202eABCD")]
    [InlineData("")]
    public async Task SignIn_ACodeThatIsNone_IsAServiceFaultAndIsShownToNobody(string userCode)
    {
        _answers["/device_authorization"] =
            $$"""{"deviceCode":"device","userCode":"{{userCode}}","verificationUri":"https://acme.awsapps.com/start/#/device"}""";
        await FailsAsync(SignInFlow.DeviceCode);
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData(2147483647, 2147483647)]
    [InlineData(-1, -1)]
    [InlineData(0, 0)]
    public async Task SignIn_IntervalAndTimeThatNobodyWouldSay_StillEnds(int interval, int expiresIn)
    {
        _answers["/device_authorization"] = Device
            .Replace("600", $"{expiresIn}", StringComparison.Ordinal)
            .Replace("\"interval\":1", $"\"interval\":{interval}", StringComparison.Ordinal);
        Stub.Answer = context =>
            context.Request.Path == "/token"
                ? ServiceStub.WriteAsync(context, 400, "application/json", """{"__type":"AuthorizationPendingException"}""")
                : AnswerAsync(context);
        var signingIn = SignInAsync(SignInFlow.DeviceCode);
        using var patience = new CancellationTokenSource(Hang.Limit);
        while (!signingIn.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(signingIn, Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token));
        }

        Assert.Equal(AwsErrorCode.CredentialsMissing, (await Assert.ThrowsAsync<AwsException>(() => signingIn)).Code);
        Assert.Single(_asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"accessToken":""}""")]
    [InlineData("""{"accessToken":null,"expiresIn":-1}""")]
    public async Task SignIn_ATokenThatIsNone_IsAServiceFaultAndIsNotKept(string token)
    {
        _answers["/token"] = token;
        var signingIn = SignInAsync(SignInFlow.DeviceCode);
        using var patience = new CancellationTokenSource(Hang.Limit);
        while (!signingIn.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(signingIn, Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token));
        }

        Assert.Equal(AwsErrorCode.ServiceFault, (await Assert.ThrowsAsync<AwsException>(() => signingIn)).Code);
        Assert.False(File.Exists(TokenFile));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"accessToken":""}""")]
    public async Task Renewal_ATokenThatIsNone_LeavesTheOneThatIsThere(string token)
    {
        await SignedInAsync(TimeSpan.FromMinutes(5));
        var before = await File.ReadAllTextAsync(TokenFile);
        _answers["/token"] = token;
        _answers["/federation/credentials"] =
            """{"roleCredentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"secret","sessionToken":"token","expiration":99999999999999999}}""";

        await CredentialsAsync();

        Assert.Equal(before, await File.ReadAllTextAsync(TokenFile));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"roleCredentials":null}""")]
    [InlineData("""{"roleCredentials":{}}""")]
    [InlineData("""{"roleCredentials":{"accessKeyId":"","secretAccessKey":"secret"}}""")]
    [InlineData("""{"roleCredentials":{"accessKeyId":"ASIA\nX: y","secretAccessKey":"secret"}}""")]
    [InlineData("""{"roleCredentials":{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"secret","sessionToken":"t\u0000"}}""")]
    public async Task Credentials_OfARoleThatAreNone_AreAServiceFault(string answer)
    {
        await SignedInAsync(TimeSpan.FromHours(1));
        _answers["/federation/credentials"] = answer;
        var e = await Assert.ThrowsAsync<AwsException>(CredentialsAsync);
        Assert.Equal(AwsErrorCode.ServiceFault, e.Code);
        Assert.Contains("unexpected response about the role Developer", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"accountList":[null]}""")]
    [InlineData("""{"accountList":{"a":1}}""")]
    [InlineData("""{"accountList":"x"}""")]
    public async Task Accounts_InAListThatIsNone_AreAServiceFault(string answer)
    {
        await SignedInAsync(TimeSpan.FromHours(1));
        _answers["/assignment/accounts"] = answer;
        var e = await Assert.ThrowsAsync<AwsException>(() => Services.SignIn.ListAccountsAsync(Acme, CancellationToken.None));
        Assert.Equal(AwsErrorCode.ServiceFault, e.Code);
    }

    [Fact]
    public async Task Accounts_OnPagesWithoutAnEnd_AreListedInPart()
    {
        await SignedInAsync(TimeSpan.FromHours(1));
        _answers["/assignment/accounts"] = """{"accountList":[{"accountId":"111122223333"},{}],"nextToken":"more"}""";
        var accounts = await Services.SignIn.ListAccountsAsync(Acme, CancellationToken.None);
        Assert.InRange(accounts.Count, 1, 1_000);
        Assert.All(accounts, account => Assert.Equal("111122223333", account.AccountName));
    }

    private Task AnswerAsync(HttpContext context) =>
        ServiceStub.WriteAsync(
            context,
            (int)HttpStatusCode.OK,
            "application/json",
            _answers.GetValueOrDefault(context.Request.Path.Value ?? "", "{}")
        );

    private Task<SsoSession> SignInAsync(SignInFlow flow) => Services.SignIn.SignInAsync(Acme, flow, _asked.Add, CancellationToken.None);

    private async Task FailsAsync(SignInFlow flow)
    {
        var e = await Assert.ThrowsAsync<AwsException>(() => SignInAsync(flow).WaitAsync(Hang.Limit));
        Assert.Equal(AwsErrorCode.ServiceFault, e.Code);
        Assert.Contains("unexpected response about a sign-in", e.Message, StringComparison.Ordinal);
    }

    private Task CredentialsAsync() =>
        Services.CredentialsOf(new AwsSettings("dev", "eu-west-1", null, false, false)).GetCredentialsAsync();

    private Task SignedInAsync(TimeSpan left) =>
        File.WriteAllTextAsync(
            TokenFile,
            $$"""{"startUrl":"https://acme.awsapps.com/start","region":"eu-west-1","accessToken":"kept","expiresAt":"{{Time.GetUtcNow() + left:yyyy-MM-dd'T'HH:mm:ss'Z'}}","clientId":"id","clientSecret":"secret","registrationExpiresAt":"{{Time.GetUtcNow().AddDays(1):yyyy-MM-dd'T'HH:mm:ss'Z'}}","refreshToken":"refresh"}"""
        );
}
