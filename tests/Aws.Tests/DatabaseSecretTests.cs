using RdsTunnel.Aws.Inventory;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>Secrets as AWS and people write them.</summary>
public sealed class DatabaseSecretTests
{
    [Theory]
    [InlineData("""{"username":"admin","password":"p"}""", "admin", "p")] // RDS's master user
    [InlineData("""{"engine":"mysql","host":"h","username":"app","password":"p","dbname":"d","port":3306,"masterarn":"a"}""", "app", "p")]
    [InlineData("""{"engine":"redshift","dbClusterIdentifier":"c","username":"app","password":"p","port":5439}""", "app", "p")]
    [InlineData("""{"password":"p"}""", null, "p")] // a cache's
    [InlineData("""{"username":"","password":"p"}""", null, "p")]
    [InlineData("""{"username":null,"password":"p"}""", null, "p")]
    [InlineData("""{"username":"app","password":""}""", "app", "")]
    [InlineData("""{"username":4711,"password":1234567890123456789012}""", "4711", "1234567890123456789012")]
    [InlineData("""{"username":"j\u00f6rg","password":"p\u00e4ss %25 \"quoted\" \\ \ud83d\ude00"}""", "jörg", "päss %25 \"quoted\" \\ 😀")]
    [InlineData("\ufeff{\"username\":\"app\",\"password\":\"p\"}", "app", "p")] // as PowerShell writes files
    [InlineData("\r\n {\"username\":\"app\",\"password\":\" p \"}\r\n", "app", " p ")]
    public void Parse_ADatabasesSecret_TellsUserAndPassword(string text, string? user, string password)
    {
        var secret = DatabaseSecret.Parse("orders", text);
        Assert.Equal((user, password), (secret.UserName, secret.Password));
    }

    [Theory]
    [InlineData(null)] // a binary one
    [InlineData("")]
    [InlineData("just-a-password")]
    [InlineData("\"just-a-password\"")]
    [InlineData("12345")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"username":"app"}""")]
    [InlineData("""{"password":null}""")]
    [InlineData("""{"password":true}""")]
    [InlineData("""{"password":{"value":"hidden"}}""")]
    [InlineData("""{"Password":"hidden"}""")]
    [InlineData("""{"password":"half of a character \ud83d"}""")]
    [InlineData("""{"password":"hidden"} and more""")]
    [InlineData("username=app\npassword=hidden\n")]
    public void Parse_AnythingElse_SaysWhatItHasToBe_AndNothingOfWhatItIs(string? text)
    {
        var failure = Assert.Throws<AwsException>(() => DatabaseSecret.Parse("orders", text));
        Assert.Equal(AwsErrorCode.InvalidRequest, failure.Code);
        Assert.Contains("must be a JSON object with a field \"password\"", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("just-a-password", failure.ToString(), StringComparison.Ordinal);
    }
}
