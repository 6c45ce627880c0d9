using System.Text;
using Microsoft.AspNetCore.Http;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>Something else answers where the machine's own services should: there are no credentials, and nothing worse.</summary>
public sealed class HostileMachineTests : SessionFixture
{
    private const string Good =
        """{"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret","Token":"token","Expiration":"2999-01-01T00:00:00Z"}""";

    public static TheoryData<string?, string> Answers =>
        new()
        {
            { "application/json", "" },
            { "application/json", "null" },
            { "application/json", "[]" },
            { "application/json", "{\"AccessKeyId\":1}" },
            { "application/json", """{"AccessKeyId":"","SecretAccessKey":""}""" },
            { "application/json", """{"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":""}""" },
            { "application/json", """{"AccessKeyId":"\ud800","SecretAccessKey":"secret"}""" },
            { "application/json", """{"\ud800":1,"AccessKeyId":"ASIAEXAMPLE"}""" },
            { "application/json", """{"AccessKeyId":"ASIA\r\nX-Evil: 1","SecretAccessKey":"secret"}""" },
            { "application/json", """{"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret","Token":"to ken"}""" },
            { "application/json", """{"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret","Token":"t","Expiration":"soon"}""" },
            { "application/json; charset=nonsense", "{}" },
            { "text/plain; charset=\"", "x" },
            { null, new string('{', 60_000) },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Container_AnAnswerThatIsNone_SaysThatThereAreNoCredentials(string? type, string body)
    {
        FromContainer();
        Stub.Answer = context => ServiceStub.WriteAsync(context, 200, type, body);
        var e = await Assert.ThrowsAsync<AwsException>(CredentialsAsync);
        Assert.Equal(AwsErrorCode.CredentialsUnavailable, e.Code);
        Assert.Contains("The container provides no credentials", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Instance_AnAnswerThatIsNone_SaysThatThereAreNoCredentials(string? type, string body)
    {
        FromInstance();
        Stub.Answer = context => ServiceStub.WriteAsync(context, 200, type, body);
        var e = await Assert.ThrowsAsync<AwsException>(CredentialsAsync);
        Assert.True(e.Code is AwsErrorCode.CredentialsUnavailable or AwsErrorCode.CredentialsMissing, e.Message);
    }

    [Theory]
    [InlineData("application/json; charset=nonsense")]
    [InlineData("text/plain; charset=utf-16")]
    [InlineData(null)]
    public async Task Container_KeysOfAnyContentType_AreTaken(string? type)
    {
        FromContainer();
        Stub.Answer = context => WriteBytesAsync(context, type, Encoding.UTF8.GetBytes(Good));
        await CredentialsAsync();
    }

    [Theory]
    [InlineData("to\u00e9ken")]
    [InlineData("a\rb")]
    [InlineData("a\nX-Evil: 1")]
    [InlineData("a\0b")]
    [InlineData("\u202e")]
    public async Task Instance_ATokenThatNoHeaderCanHold_SaysThatThereAreNoCredentials(string token)
    {
        FromInstance();
        Stub.Answer = context =>
            context.Request.Method == "PUT" ? WriteBytesAsync(context, "text/plain", Encoding.UTF8.GetBytes(token))
            : context.Request.Path.Value!.EndsWith('/') ? ServiceStub.WriteAsync(context, 200, "text/plain", "role")
            : ServiceStub.WriteAsync(context, 200, "application/json", Good);
        try
        {
            await CredentialsAsync();
        }
        catch (AwsException e)
        {
            Assert.True(e.Code is AwsErrorCode.CredentialsUnavailable or AwsErrorCode.CredentialsMissing, e.Message);
        }

        Assert.DoesNotContain(Stub.Requests, request => request.Authorization.Length > 0);
    }

    private void FromContainer()
    {
        Environment.Clear();
        Environment["HOME"] = "/nonexistent";
        Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = new Uri(Stub.Url, "creds").AbsoluteUri;
    }

    private void FromInstance()
    {
        Environment.Clear();
        Environment["HOME"] = "/nonexistent";
        Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = Stub.Url.AbsoluteUri;
    }

    // What is tried again after a while, is tried at once.
    private async Task CredentialsAsync()
    {
        var asking = Services.CredentialsOf(new AwsSettings(null, "eu-west-1", null, false, false)).GetCredentialsAsync();
        using var patience = new CancellationTokenSource(Hang.Limit);
        while (!asking.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(asking, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token));
        }

        await asking;
    }

    private static async Task WriteBytesAsync(HttpContext context, string? type, byte[] body)
    {
        context.Response.ContentType = type;
        await context.Response.Body.WriteAsync(body);
    }
}
