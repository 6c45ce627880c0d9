using System.Globalization;
using RdsTunnel.Aws;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>Each session says what it is for.</summary>
public sealed class SessionReasonTests
{
    private static readonly TunnelRequest Request = new()
    {
        Name = "Orders",
        Host = "db",
        Port = 5432,
        Scope = new AwsScope("dev", "eu-central-1"),
    };

    [Theory]
    [InlineData(SessionReason.Default, "rds-tunnel: Orders")]
    [InlineData("TICKET-1", "TICKET-1")]
    [InlineData("${name} ${host}:${port} ${target} ${localPort} ${profile} ${region}", "Orders db:5432 i-1 15432 dev eu-central-1")]
    [InlineData("costs $5 or $name or {name}", "costs $5 or $name or {name}")]
    [InlineData("  two\r\nlines\tand\u0007 a bell\u202e ", "two  lines and a bell")]
    public void Expand_Template_IsFilledInAndClean(string template, string expected) =>
        Assert.Equal(expected, SessionReason.Expand(template, Request, "i-1", 15432));

    [Fact]
    public void Expand_HalfACharacter_IsReplaced() =>
        Assert.Equal("half \ufffd", SessionReason.Expand($"half {(char)0xd83d}", Request, "i-1", 2));

    [Fact]
    public void Expand_WhatTheTunnelDoesNotName_IsLeftOut() =>
        Assert.Equal("db:1|", SessionReason.Expand("${name}|${profile}${region}", new TunnelRequest { Host = "db", Port = 1 }, "i-1", 2));

    [Fact]
    public void Expand_PortOfTheJumpHost_HasItsNameForAHost() =>
        Assert.Equal("i-1:1 i-1", SessionReason.Expand("${name} ${host}", new TunnelRequest { Target = "i-1", Port = 1 }, "i-1", 2));

    [Fact]
    public void Expand_UserAndMachine_AreThoseOfThisComputer() =>
        Assert.Equal($"{Environment.UserName}@{Environment.MachineName}", SessionReason.Expand("${user}@${machine}", Request, "i-1", 2));

    [Fact]
    public void Expand_NothingIsLeft_IsTheDefault() =>
        Assert.Equal("rds-tunnel: Orders", SessionReason.Expand("\u0001\t", Request, "i-1", 2));

    [Fact]
    public void Expand_AValueThatLooksLikeAPlaceholder_IsNotFilledIn() =>
        Assert.Equal("${host}", SessionReason.Expand("${name}", Request with { Name = "${host}" }, "i-1", 2));

    [Fact]
    public void Expand_256Characters_AreKept() =>
        Assert.Equal(new string('x', 256), SessionReason.Expand(new string('x', 256), Request, "i-1", 2));

    [Theory]
    [InlineData("x")]
    [InlineData("é")] // e and an accent
    [InlineData("🔒")]
    [InlineData("👩‍👩‍👧‍👦")]
    public void Expand_TooLong_IsCutBeforeAWholeCharacter(string character)
    {
        var reason = SessionReason.Expand(string.Concat(Enumerable.Repeat(character, 300)), Request, "i-1", 2);

        Assert.InRange(reason.Length, 256 - character.Length, 256);
        Assert.EndsWith("…", reason, StringComparison.Ordinal);
        var kept = StringInfo.GetTextElementEnumerator(reason[..^1]);
        while (kept.MoveNext())
        {
            Assert.Equal(character, kept.GetTextElement());
        }
    }

    [Theory]
    [InlineData("plain", null)]
    [InlineData("${name}${user}", null)]
    [InlineData("${nam}", "${nam}")]
    [InlineData("${Name}", "${Name}")]
    [InlineData("${}", "${}")]
    [InlineData("${ name }", "${ name }")]
    [InlineData("x ${name", "an unclosed ${")]
    public void ProblemOf_UnknownPlaceholder_IsNamed(string template, string? problem)
    {
        var said = SessionReason.ProblemOf(template);

        Assert.Equal(problem is null, said is null);
        Assert.Contains(problem ?? "", said ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "rds-tunnel: target.internal:5432")]
    [InlineData("on call: ${target}", "on call: i-0123456789abcdef0")]
    public async Task OpenAsync_EachSession_HasTheReason(string? template, string expected)
    {
        await using var stack = await Stack.StartAsync();

        await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = Stack.TargetHost,
                Port = 5432,
                OpenNow = true,
                Reason = template,
            },
            CancellationToken.None
        );

        Assert.Equal(expected, stack.Session.Reason);
    }
}
