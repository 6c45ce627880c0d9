using RdsTunnel.Aws;

namespace RdsTunnel.Rpc.Tests;

public sealed class SignInMethodsTests
{
    [Fact]
    public async Task SignIn_PersonAllows_TellsWhereToGoAndThenTheSession()
    {
        await using var client = await InitializedAsync();
        var told = await client.CallAsync(1, "sso/signIn", """{"session":{"ssoSession":"acme"},"flow":"DeviceCode","token":"a"}""");
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","method":"sso/authorizationRequested","params":{"token":"a","request":{"startUrl":"https://acme.awsapps.com/start",
             "flow":"DeviceCode","url":"https://device.example/?user_code=ABCD-EFGH","expiresAt":"1970-01-01T00:00:00+00:00","userCode":"ABCD-EFGH"}}}
            """,
            told);
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","id":1,"result":{"startUrl":"https://acme.awsapps.com/start","region":"eu-west-1","isSignedIn":true,"name":"acme",
             "expiresAt":"1970-01-01T08:00:00+00:00"}}
            """,
            await client.ReadAsync());
    }

    [Fact]
    public async Task SignIn_Cancelled_EndsTheSignIn()
    {
        await using var client = await InitializedAsync();
        var cancelled = new TaskCompletionSource();
        client.SignIn.Person = async token =>
        {
            using var registration = token.Register(cancelled.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        };
        var told = await client.CallAsync(1, "sso/signIn", """{"session":{"profile":"dev"}}""");
        Assert.Equal("sso/authorizationRequested", (string?)told["method"]);
        await client.NotifyAsync("$/cancelRequest", """{"id":1}""");
        await cancelled.Task.WaitAsync(TestClient.Patience);
        JsonAssert.IsError(await client.ReadAsync(), -32800, "RequestCancelled");
    }

    [Fact]
    public async Task ListAccounts_SignInHasExpired_IsTheErrorOfThatName()
    {
        await using var client = await InitializedAsync();
        JsonAssert.IsError(await client.CallAsync(1, "sso/listAccounts", """{"session":{"profile":"dev"}}"""), 2002, "CredentialsExpired");
    }

    [Fact]
    public async Task ListProfiles_WithAProblem_TellsBoth()
    {
        await using var client = await InitializedAsync();
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","id":1,"result":{"profiles":[{"name":"dev","kind":"Sso","needsSignIn":true,"region":"eu-west-1","ssoSession":"acme"}],
             "ssoSessions":[],"problems":[{"file":"/home/jane/.aws/config","line":3,"message":"a bad line"}]}}
            """,
            await client.CallAsync(1, "profile/list"));
    }

    [Theory]
    [InlineData("dev]\\n[profile prod")]
    [InlineData("dev # x")]
    [InlineData("")]
    public async Task CreateProfile_NameThatWouldBeMoreThanAName_IsRefused(string name)
    {
        await using var client = await InitializedAsync();
        var answer = await client.CallAsync(
            1, "profile/create", $$"""{"name":"{{name}}","sso":{"ssoSession":"acme"},"accountId":"111122223333","roleName":"Developer","region":"eu-west-1"}""");
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.Empty(client.SignIn.Created);
    }

    [Fact]
    public async Task AskMfa_PersonAnswers_GivesTheCode()
    {
        await using var client = await InitializedAsync();
        client.SignIn.Mfa.SendTo(client.Connection);
        var asked = client.SignIn.Mfa.AskAsync("dev", "arn:aws:iam::1:mfa/jane", CancellationToken.None);
        Assert.Equal("mfa/requested", (string?)(await client.ReadAsync())["method"]);
        await client.CallAsync(1, "mfa/answer", """{"id":"mfa-1","code":"123456"}""");
        Assert.Equal("123456", await asked.WaitAsync(TestClient.Patience));
    }

    [Fact]
    public async Task AskMfa_PersonCancels_IsAFailureThatASignInMends()
    {
        await using var client = await InitializedAsync();
        client.SignIn.Mfa.SendTo(client.Connection);
        var asked = client.SignIn.Mfa.AskAsync("dev", "arn:aws:iam::1:mfa/jane", CancellationToken.None);
        await client.ReadAsync();
        await client.CallAsync(1, "mfa/answer", """{"id":"mfa-1"}""");
        Assert.True((await Assert.ThrowsAsync<AwsException>(() => asked.WaitAsync(TestClient.Patience))).NeedsSignIn);
        JsonAssert.IsError(await client.CallAsync(2, "mfa/answer", """{"id":"mfa-1","code":"1"}"""), -32602, "InvalidParams");
    }

    private static async Task<TestClient> InitializedAsync()
    {
        var client = new TestClient();
        await client.InitializeAsync();
        return client;
    }
}
