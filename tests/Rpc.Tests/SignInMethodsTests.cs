namespace RdsTunnel.Rpc.Tests;

public sealed class SignInMethodsTests
{
    [Fact]
    public async Task SignIn_PersonAllows_TellsWhereToGoAndThenTheSession()
    {
        await using var client = await InitializedAsync();
        var told = await client.CallAsync(1, "sso/signIn", """{"session":{"ssoSession":"acme"},"flow":"DeviceCode","progressToken":"a"}""");
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","method":"$/progress","params":{"token":"a","value":{"startUrl":"https://acme.awsapps.com/start",
             "flow":"DeviceCode","url":"https://device.example/?user_code=ABCD-EFGH","expiresAt":"1970-01-01T00:00:00+00:00","userCode":"ABCD-EFGH"}}}
            """,
            told
        );
        JsonAssert.Equal(
            """
            {"jsonrpc":"2.0","id":1,"result":{"startUrl":"https://acme.awsapps.com/start","region":"eu-west-1","isSignedIn":true,"name":"acme",
             "expiresAt":"1970-01-01T08:00:00+00:00"}}
            """,
            await client.ReadAsync()
        );
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
        var told = await client.CallAsync(1, "sso/signIn", """{"session":{"profile":"dev"},"progressToken":"a"}""");
        Assert.Equal("$/progress", (string?)told["method"]);
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
            await client.CallAsync(1, "profile/list")
        );
    }

    [Theory]
    [InlineData("dev]\\n[profile prod")]
    [InlineData("dev # x")]
    [InlineData("")]
    public async Task CreateProfile_NameThatWouldBeMoreThanAName_IsRefused(string name)
    {
        await using var client = await InitializedAsync();
        var answer = await client.CallAsync(
            1,
            "profile/create",
            $$"""{"name":"{{name}}","sso":{"ssoSession":"acme"},"accountId":"111122223333","roleName":"Developer","region":"eu-west-1"}"""
        );
        JsonAssert.IsError(answer, -32602, "InvalidParams");
        Assert.Empty(client.SignIn.Created);
    }

    private static async Task<TestClient> InitializedAsync()
    {
        var client = new TestClient();
        await client.InitializeAsync();
        return client;
    }
}
