using System.Net;
using Amazon.Runtime;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.ConsoleLogin;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.SignIn;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>An answer that is none of AWS's is no refusal.</summary>
public sealed class UnreadableAnswerTests
{
    private static readonly SsoSettings Session = new("acme", "https://acme.awsapps.com/start", "eu-west-1", "sso:account:access");
    private static readonly RoleSettings Role = new("arn:aws:iam::111122223333:role/Plain", "eu-west-1", SessionName: null);

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(302)]
    public void From_NoErrorStatus_IsNotToldAsARefusal(int status)
    {
        foreach (var error in Errors(new AmazonServiceException("<html>") { StatusCode = (HttpStatusCode)status }))
        {
            Assert.Equal(AwsErrorCode.ServiceFault, error.Code);
            Assert.Contains("unexpected response", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("refused", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("html", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void From_RefusedWithoutACode_IsARefusal() =>
        Assert.All(
            Errors(new AmazonServiceException("") { StatusCode = HttpStatusCode.BadRequest }),
            error => Assert.Equal(AwsErrorCode.InvalidRequest, error.Code)
        );

    [Theory]
    [InlineData("https://eu-west-1.signin.aws.amazon.com/", "https://eu-west-1.signin.aws.amazon.com/v1/token")]
    [InlineData("https://proxy.corp/aws/signin", "https://proxy.corp/aws/signin/v1/token")]
    [InlineData("https://proxy.corp:8443/aws/", "https://proxy.corp:8443/aws/v1/token")]
    public void TokenUrl_EndpointHasAPath_KeepsIt(string endpoint, string expected) =>
        Assert.Equal(expected, LoginTokens.TokenUrl(new Uri(endpoint)).AbsoluteUri);

    private static AwsException[] Errors(AmazonServiceException e) =>
        [SsoErrors.From(e, Session, "a role"), StsErrors.From(e, "dev", Role, withMfa: false)];
}
