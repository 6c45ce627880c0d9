using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Emulator.NodeAccess;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Tests.Support;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Tests;

/// <summary>Access to nodes is for whoever asked, for the node that was asked for, and for its time.</summary>
public sealed class AccessRequestsTests
{
    private const string Node = "i-0123456789abcdef0";

    private static readonly EmulatedCredential Jane = new("ASIA1", "secret", "token")
    {
        Arn = "arn:aws:sts::111122223333:assumed-role/Developer/jane",
    };

    private readonly FakeTimeProvider _time = new();
    private readonly CredentialStore _credentials = new([Jane]);
    private readonly AccessRequests _requests;

    public AccessRequestsTests() => _requests = new AccessRequests(new EmulatedNodeAccess(), _credentials, _time);

    [Fact]
    public void GetToken_Approved_GivesCredentialsForThatNodeAlone()
    {
        var id = _requests.Start(Node, "why", Jane);
        Assert.Equal((AccessStatus.Pending, null), _requests.GetToken(id, Jane));
        _requests.Decide(id, AccessStatus.Approved);
        var (status, credentials) = _requests.GetToken(id, Jane);
        Assert.Equal(AccessStatus.Approved, status);
        Assert.Equal((Node, id), (credentials!.Grant!.InstanceId, credentials.Grant.RequestId));
        Assert.Equal(["SSM-SessionManagerRunShell"], credentials.Grant.Documents);
        Assert.Equal(_time.GetUtcNow().AddMinutes(15), credentials.ExpiresAt);
        Assert.Equal((true, false), (credentials.May("ssm:StartSession"), credentials.May("ssm:GetDocument")));
    }

    [Fact]
    public void GetToken_AfterItsTime_IsExpired()
    {
        var id = _requests.Start(Node, "why", Jane);
        _requests.Decide(id, AccessStatus.Approved);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((AccessStatus.Expired, null), _requests.GetToken(id, Jane));
        _requests.Start(Node, "again", Jane);
    }

    [Fact]
    public void GetToken_OfSomebodyElse_IsRefused()
    {
        var id = _requests.Start(Node, "why", Jane);
        var joe = Jane with { Arn = "arn:aws:sts::111122223333:assumed-role/Developer/joe" };
        Assert.Equal("AccessDeniedException", Refused(() => _requests.GetToken(id, joe)));
        Assert.Equal("ResourceNotFoundException", Refused(() => _requests.GetToken("oi-0123456789ab", Jane)));
        Assert.Equal("ValidationException", Refused(() => _requests.GetToken("oi-1", Jane)));
    }

    [Fact]
    public void Start_TwiceForANode_IsRefused()
    {
        _requests.Start(Node, "why", Jane);
        Assert.Equal("ServiceQuotaExceededException", Refused(() => _requests.Start(Node, "why", Jane)));
    }

    [Fact]
    public void Start_ByAUser_IsRefused() =>
        Assert.Equal("AccessDeniedException", Refused(() => _requests.Start(Node, "why", EmulatedCredential.Default)));

    [Fact]
    public void Start_AccountWithoutIt_IsRefused() =>
        Assert.Equal("ValidationException", Refused(() => new AccessRequests(null, _credentials, _time).Start(Node, "why", Jane)));

    [Theory]
    [InlineData(AccessStatus.Revoked)]
    [InlineData(AccessStatus.Pending)]
    public void Decide_WhatCannotBe_IsRefused(AccessStatus status)
    {
        var id = _requests.Start(Node, "why", Jane);
        Assert.Throws<ArgumentException>(() => _requests.Decide(id, status));
    }

    [Theory]
    [InlineData("InstanceIds", Node, "why", "AccessDeniedException")] // only because a user asks
    [InlineData("InstanceId", Node, "why", "ValidationException")]
    [InlineData("tag:Name", Node, "why", "ValidationException")]
    [InlineData("InstanceIds", "*", "why", "ResourceNotFoundException")]
    [InlineData("InstanceIds", Node, "", "ValidationException")]
    public async Task StartAccessRequest_BadField_IsRefused(string key, string value, string reason, string code)
    {
        await using var emulator = await EmulatorFixture.StartAsync(new EmulatorOptions { NodeAccess = new() });
        var targets = new JsonArray(new JsonObject { ["Key"] = key, ["Values"] = new JsonArray(value) });
        Assert.Equal(code, await emulator.Aws.ErrorCodeAsync("StartAccessRequest", new() { ["Reason"] = reason, ["Targets"] = targets }));
        Assert.Empty(emulator.Server.AccessRequests);
    }

    [Fact]
    public async Task Token_OfAnApprovedRequest_IsGoodForSessionsOnItsNodeAlone()
    {
        var rules = new EmulatedNodeAccess { IsAutomatic = true, Documents = ["AWS-StartPortForwardingSessionToRemoteHost"] };
        await using var emulator = await EmulatorFixture.StartAsync(
            new EmulatorOptions
            {
                Credentials = [EmulatedCredential.Default, Jane],
                Instances = [EmulatedInstance.Default, new EmulatedInstance("i-other")],
                NodeAccess = rules,
            }
        );
        using var jane = new AwsClient(emulator.Server.Endpoint, TimeProvider.System, Jane);
        var targets = new JsonArray(new JsonObject { ["Key"] = "InstanceIds", ["Values"] = new JsonArray(Node) });
        var made = await jane.CallAndExpectAsync("StartAccessRequest", new() { ["Reason"] = "why", ["Targets"] = targets });
        var answer = await jane.CallAndExpectAsync("GetAccessToken", new() { ["AccessRequestId"] = (string?)made["AccessRequestId"] });
        var given = answer["Credentials"]!;
        var token = new EmulatedCredential(
            (string)given["AccessKeyId"]!,
            (string)given["SecretAccessKey"]!,
            (string)given["SessionToken"]!
        );
        using var granted = new AwsClient(emulator.Server.Endpoint, TimeProvider.System, token);

        var (id, _, _) = await granted.StartSessionAsync(5432);
        Assert.Equal((string?)made["AccessRequestId"], emulator.Session(id).AccessRequestId);
        foreach (var (field, value) in ((string, string)[])[("Target", "i-other"), ("DocumentName", "SSM-SessionManagerRunShell")])
        {
            var input = AwsClient.StartSessionInput(5432);
            input[field] = value;
            Assert.Equal("AccessDeniedException", await granted.ErrorCodeAsync("StartSession", input));
        }

        var (another, _, _) = await emulator.Aws.StartSessionAsync(5432);
        Assert.Equal("AccessDeniedException", await granted.ErrorCodeAsync("TerminateSession", new() { ["SessionId"] = another }));
        Assert.Equal("AccessDeniedException", await granted.ErrorCodeAsync("DescribeInstanceInformation", []));
        await granted.CallAndExpectAsync("TerminateSession", new() { ["SessionId"] = id });
    }

    private static string Refused(Action call) => Assert.Throws<ServiceException>(call).Code;
}
