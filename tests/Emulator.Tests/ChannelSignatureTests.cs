using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Tests.Support;

namespace RdsTunnel.Emulator.Tests;

/// <summary>Whom the message gateway lets open a data channel.</summary>
public sealed class ChannelSignatureTests
{
    public static TheoryData<string> Vectors => new(Read().Select(vector => vector["Name"]!.GetValue<string>()));

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Verify_WhatTheReferenceClientSigned_IsAccepted(string name)
    {
        var vector = Read().Single(each => Text(each, "Name") == name);
        var token = Text(vector, "SessionToken");
        var credential = new EmulatedCredential(
            Text(vector, "AccessKeyId"),
            Text(vector, "SecretAccessKey"),
            token.Length == 0 ? null : token
        );
        var verifier = new SignatureVerifier(
            new CredentialStore([credential]),
            new FixedTime(new DateTimeOffset(2026, 11, 28, 3, 1, 0, TimeSpan.Zero))
        );
        var url = new Uri(Text(vector, "Url"));
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = Text(vector, "Url")[
            (Text(vector, "Url").IndexOf(url.Host, StringComparison.Ordinal) + url.Host.Length)..
        ];
        context.Request.Method = "GET";
        context.Request.Headers.Host = url.Host;
        foreach (var (header, value) in vector["Headers"]!.AsObject())
        {
            context.Request.Headers[header] = value!.GetValue<string>();
        }

        Assert.Same(credential, verifier.Verify(context.Request, [], "ssmmessages", Text(vector, "Region")));
        Assert.Throws<ServiceException>(() => verifier.Verify(context.Request, [], "ssmmessages", "eu-west-1"));
    }

    [Theory]
    [InlineData(ChannelSignatureRule.Required, true, true)]
    [InlineData(ChannelSignatureRule.Required, false, false)]
    [InlineData(ChannelSignatureRule.Optional, true, true)]
    [InlineData(ChannelSignatureRule.Optional, false, true)]
    [InlineData(ChannelSignatureRule.Denied, true, false)]
    [InlineData(ChannelSignatureRule.Denied, false, true)]
    public async Task Open_ByRule_IsAdmittedOrForbidden(ChannelSignatureRule rule, bool isSigned, bool isAdmitted)
    {
        await using var emulator = await EmulatorFixture.StartAsync(new EmulatorOptions { Channel = new() { Signature = rule } });

        Assert.Equal(isAdmitted, await IsAdmittedAsync(emulator, new Upgrade { IsSigned = isSigned }));
    }

    [Fact]
    public async Task Open_Required_CountsTheSignedConnection()
    {
        await using var emulator = await EmulatorFixture.StartAsync();

        Assert.True(await IsAdmittedAsync(emulator, new Upgrade()));

        Assert.Equal(1, emulator.Server.Sessions.Single().Counters.SignedClientConnections);
    }

    [Fact]
    public async Task Open_WrongSignature_IsForbidden_WhateverIsWrong()
    {
        var temporary = new EmulatedCredential("ASIATEMPORARY", "secret", "token");
        var expired = new EmulatedCredential("ASIAEXPIRED", "secret", "token", TimeProvider.System.GetUtcNow());
        var denied = new EmulatedCredential("AKIADENIED", "secret", DeniedActions: ["ssmmessages:OpenDataChannel"]);
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Credentials = [EmulatedCredential.Default, temporary, expired, denied] }
        );
        var now = TimeProvider.System.GetUtcNow();
        Upgrade[] wrong =
        [
            new() { RegionAndService = "eu-west-1/ssmmessages" },
            new() { RegionAndService = "us-east-1/ssm" },
            new() { Time = now.AddMinutes(-6) },
            new() { Time = now.AddMinutes(6) },
            new() { Credential = EmulatedCredential.Default with { AccessKeyId = "AKIAUNKNOWN" } },
            new() { Credential = EmulatedCredential.Default with { SecretAccessKey = "another" } },
            new() { Credential = EmulatedCredential.Default with { SessionToken = "unasked" } },
            new() { Credential = temporary with { SessionToken = null } },
            new() { Credential = temporary, LeftOut = "x-amz-security-token" },
            new() { Credential = expired },
            new() { Credential = denied },
            new() { LeftOut = "host" },
            new() { LeftOut = "x-amz-date" },
        ];

        foreach (var upgrade in wrong)
        {
            Assert.False(await IsAdmittedAsync(emulator, upgrade), upgrade.ToString());
        }

        Assert.True(await IsAdmittedAsync(emulator, new Upgrade { Credential = temporary }));
    }

    [Fact]
    public async Task StreamUrl_HasWhatClientsGetWrong_AndIsTakenOnlyAsItIs()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        var (id, streamUrl, token) = await emulator.Aws.StartSessionAsync(9);

        Assert.Matches("^jane\\.doe\\+dev@example\\.com-[0-9a-f]{17}$", id);
        Assert.Matches("cell-number=AAEA.*[+].*/.*=", streamUrl.OriginalString);
        using var mangled = await ScriptedPeer.ConnectAsync(
            new Uri(streamUrl.OriginalString.Replace("+", "%2B", StringComparison.Ordinal)),
            token
        );
        await mangled.DrainAsync();
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, mangled.CloseStatus);
        using var client = await ScriptedPeer.ConnectAsync(streamUrl, token);
        await client.ReceiveAsync(MessageType.OutputStreamData);
    }

    [Theory]
    [InlineData("1.2.763.0", false)]
    [InlineData("1.2.764.0", true)]
    [InlineData("1.2.896.0", true)]
    [InlineData("1.3", true)]
    [InlineData("new", false)]
    public async Task Open_ClientVersion_IsTurnedAwayBelowTheMinimum(string version, bool isServed)
    {
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions { Channel = new() { MinimumClientVersion = "1.2.764.0" } }
        );
        var (_, streamUrl, token) = await emulator.Aws.StartSessionAsync(9);

        using var client = await ScriptedPeer.ConnectAsync(streamUrl, token, upgrade: new Upgrade { ClientVersion = version });
        if (isServed)
        {
            await client.ReceiveAsync(MessageType.OutputStreamData);
        }
        else
        {
            await client.DrainAsync();
            Assert.Equal(
                (WebSocketCloseStatus.PolicyViolation, "Client version is below 1.2.764.0"),
                (client.CloseStatus!.Value, client.CloseDescription)
            );
        }
    }

    [Fact]
    public async Task Control_ChangesTheRules_FromThenOn()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = emulator.Server.Endpoint };

        using var changed = await http.PostAsync(
            new Uri("/_emulator/channel", UriKind.Relative),
            new StringContent("{\"signature\":\"denied\"}", Encoding.UTF8)
        );

        Assert.Equal(HttpStatusCode.NoContent, changed.StatusCode);
        Assert.False(await IsAdmittedAsync(emulator, new Upgrade()));
        Assert.True(await IsAdmittedAsync(emulator, new Upgrade { IsSigned = false }));
    }

    private static async Task<bool> IsAdmittedAsync(EmulatorFixture emulator, Upgrade upgrade)
    {
        var (_, streamUrl, token) = await emulator.Aws.StartSessionAsync(9);
        try
        {
            using var client = await ScriptedPeer.ConnectAsync(streamUrl, token, upgrade: upgrade);
            await client.ReceiveAsync(MessageType.OutputStreamData);
            return true;
        }
        catch (WebSocketException e)
        {
            Assert.Contains("403", e.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static List<JsonNode> Read() =>
        [
            .. JsonNode
                .Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "open-data-channel-signatures.json")))!
                .AsArray()
                .Select(vector => vector!),
        ];

    private static string Text(JsonNode vector, string name) => vector[name]!.GetValue<string>();

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
