using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests.Channels;

/// <summary>Who may open the data channel of a session, and where it leads.</summary>
public sealed class ChannelAccessTests : SessionFixture
{
    private static readonly Uri Gateway = new(
        "wss://ssmmessages.eu-west-1.amazonaws.com/v1/data-channel/alice-0f1e?role=publish_subscribe"
    );

    [Fact]
    public async Task SignChannel_EachTime_TakesTheCredentialsOfThatMoment()
    {
        var first = Headers(await Service.SignChannelAsync(Gateway, CancellationToken.None));
        Environment["AWS_ACCESS_KEY_ID"] = "AKIDANOTHER";
        Environment["AWS_SESSION_TOKEN"] = "";
        Time.Advance(TimeSpan.FromHours(1));
        var second = Headers(await Service.SignChannelAsync(Gateway, CancellationToken.None));

        Assert.Contains($"Credential={ServiceStub.AccessKeyId}/", first["Authorization"], StringComparison.Ordinal);
        Assert.Contains(
            "/eu-west-1/ssmmessages/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token,",
            first["Authorization"],
            StringComparison.Ordinal
        );
        Assert.Equal(ServiceStub.SessionToken, first["X-Amz-Security-Token"]);
        Assert.Contains("Credential=AKIDANOTHER/", second["Authorization"], StringComparison.Ordinal);
        Assert.DoesNotContain("X-Amz-Security-Token", second.Keys);
        Assert.NotEqual(first["X-Amz-Date"], second["X-Amz-Date"]);
    }

    [Fact]
    public async Task SignChannel_Identity_IsTheConfigurationsAndNotTheMoments()
    {
        var first = await Service.SignChannelAsync(Gateway, CancellationToken.None);
        var second = await Service.SignChannelAsync(Gateway, CancellationToken.None);
        Environment["AWS_ACCESS_KEY_ID"] = "AKIDANOTHER";
        var another = await Service.SignChannelAsync(Gateway, CancellationToken.None);

        Assert.Equal(first!.Identity, second!.Identity);
        Assert.NotEqual(first.Identity, another!.Identity);
        Assert.DoesNotContain(ServiceStub.SessionToken, first.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Signature=", first.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignChannel_AddressIsSignedAlready_LeavesItAsItIs() =>
        Assert.Null(await Service.SignChannelAsync(new Uri(Gateway.OriginalString + "&X-Amz-Signature=0"), CancellationToken.None));

    [Fact]
    public async Task SignChannel_CredentialsAreGone_NeedsASignIn()
    {
        var service = Service;
        Environment.Remove("AWS_ACCESS_KEY_ID");

        Assert.True((await Assert.ThrowsAsync<AwsException>(() => service.SignChannelAsync(Gateway, CancellationToken.None))).NeedsSignIn);
    }

    [Fact]
    public async Task SignChannel_FailsForAnotherReason_GoesOnWithoutAndSaysSo()
    {
        var home = Directory.CreateTempSubdirectory("rds-tunnel-aws-");
        try
        {
            var config = Path.Combine(home.FullName, "config");
            Environment["AWS_CONFIG_FILE"] = config;
            await File.WriteAllTextAsync(
                config,
                "[profile dev]\nregion = eu-west-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
            );
            var service = Services.For(new AwsScope("dev", EndpointUrl: Stub.Url));
            await File.WriteAllTextAsync(config, "[profile dev]\nregion = eu-west-1\nrole_arn = arn:aws:iam::111122223333:role/Deploy\n");

            Assert.Null(await service.SignChannelAsync(Gateway, CancellationToken.None));
            Assert.Contains(
                Logs.Lines,
                line =>
                    line.Contains("unsigned, because signing failed", StringComparison.Ordinal)
                    && line.Contains("role_arn", StringComparison.Ordinal)
            );
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(
        "wss://ssmmessages.eu-west-1.amazonaws.com.evil.example/v1/data-channel/alice-0f1e",
        "wss://ssmmessages.eu-west-1.amazonaws.com.evil.example"
    )]
    [InlineData("wss://user:pass@ssmmessages.eu-west-1.amazonaws.com/v1", "wss://ssmmessages.eu-west-1.amazonaws.com")]
    [InlineData("wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/alice-0f1e", "wss://ssmmessages.us-east-1.amazonaws.com")]
    public async Task StartSession_LeadsElsewhere_IsRefusedByNameAndTheSessionEnded(string streamUrl, string named)
    {
        Stub.AnswerInTurn(ServiceStub.Json(Answer(streamUrl)), ServiceStub.Json("{}"));

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.StartSessionAsync(Request, CancellationToken.None));

        Assert.Equal((AwsErrorCode.ServiceFault, false), (e.Code, e.IsTransient));
        Assert.Contains($"points to {named}, which is not a message gateway in eu-west-1", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pass@", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ServiceStub.TokenValue, e.ToString(), StringComparison.Ordinal);
        Assert.Equal(["AmazonSSM.StartSession", "AmazonSSM.TerminateSession"], Stub.Requests.Select(request => request.Target));
    }

    [Fact]
    public async Task ResumeSession_LeadsElsewhere_IsRefusedForGood()
    {
        Stub.AnswerJson(Answer("wss://evil.example/v1/data-channel/alice-0f1e"));

        var e = await Assert.ThrowsAsync<AwsException>(() => Service.ResumeSessionAsync("alice-0f1e", CancellationToken.None));

        Assert.False(e.IsTransient);
        Assert.Contains("wss://evil.example", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AWS_ENDPOINT_URL_SSMMESSAGES")]
    [InlineData("AWS_ENDPOINT_URL")]
    public async Task StartSession_LeadsToTheUsersOwnGateway_IsTaken(string variable)
    {
        Environment[variable] = "https://gateway.corp.example";
        Environment["AWS_ENDPOINT_URL_SSM"] = Stub.Url.OriginalString;
        Stub.AnswerJson(Answer("wss://gateway.corp.example/v1/data-channel/alice-0f1e?cell-number=a+b/c=="));

        var access = await Services.For(new AwsScope(Region: ServiceStub.Region)).StartSessionAsync(Request, CancellationToken.None);

        Assert.Equal("wss://gateway.corp.example/v1/data-channel/alice-0f1e?cell-number=a+b/c==", access.StreamUrl.OriginalString);
    }

    [Theory]
    [InlineData("endpoint_url = https://gateway.corp.example\nservices = mine\n[services mine]\nssm =\n  endpoint_url = {0}")]
    [InlineData(
        "services = mine\n[services mine]\nssm =\n  endpoint_url = {0}\nssmmessages =\n  endpoint_url = https://gateway.corp.example"
    )]
    public async Task StartSession_LeadsToTheProfilesOwnGateway_IsTaken(string profile)
    {
        var home = Directory.CreateTempSubdirectory("rds-tunnel-aws-");
        try
        {
            Environment["AWS_CONFIG_FILE"] = Path.Combine(home.FullName, "config");
            await File.WriteAllTextAsync(
                Environment["AWS_CONFIG_FILE"],
                "[profile dev]\nregion = eu-west-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
                    + profile.Replace("{0}", Stub.Url.OriginalString, StringComparison.Ordinal)
            );
            Stub.AnswerJson(Answer("wss://gateway.corp.example/v1/data-channel/alice-0f1e"));

            var access = await Services.For(new AwsScope("dev")).StartSessionAsync(Request, CancellationToken.None);

            Assert.Equal("gateway.corp.example", access.StreamUrl.Host);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("eu-west-1", "arn:aws:ssm:eu-west-1:")]
    [InlineData("cn-north-1", "arn:aws-cn:ssm:cn-north-1:")]
    [InlineData("us-gov-west-1", "arn:aws-us-gov:ssm:us-gov-west-1:")]
    public async Task ChannelDenied_NamesThePermissionAndTheResource(string region, string resource)
    {
        Environment["AWS_ENDPOINT_URL_STS"] = Stub.Url.OriginalString;
        Stub.Answer = context =>
            ServiceStub.WriteAsync(
                context,
                200,
                "text/xml",
                "<R><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/alice</Arn><Account>111122223333</Account></GetCallerIdentityResult></R>"
            );

        var e = await Services.For(new AwsScope(Region: region)).ChannelDeniedAsync("alice@example.com-0f1e", CancellationToken.None);

        Assert.Equal(AwsErrorCode.ChannelDenied, e.Code);
        Assert.Contains(
            $"ssmmessages:OpenDataChannel on {resource}111122223333:session/alice@example.com-0f1e",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task ChannelDenied_NobodyTellsTheAccount_LeavesItOpen()
    {
        Stub.AnswerError(403, "AccessDenied");

        Assert.Contains(
            ":ssm:eu-west-1:*:session/alice-0f1e",
            (await Service.ChannelDeniedAsync("alice-0f1e", CancellationToken.None)).Message,
            StringComparison.Ordinal
        );
    }

    private static string Answer(string streamUrl) =>
        $$"""{"SessionId":"alice-0f1e","StreamUrl":"{{streamUrl}}","TokenValue":"{{ServiceStub.TokenValue}}"}""";

    private static Dictionary<string, string> Headers(ChannelSignature? signature) => signature!.Headers.ToDictionary();
}
