using System.Security.Cryptography.X509Certificates;
using System.Text;
using RdsTunnel.Databases.PostgreSql;
using RdsTunnel.Databases.Tests.Support;
using static RdsTunnel.Databases.Tests.PostgreSql.ScriptedServer;

namespace RdsTunnel.Databases.Tests.PostgreSql;

/// <summary>A tunnel that asks tools for a password of its own, before it does anything for them.</summary>
public sealed class LocalPasswordTests : IDisposable
{
    private const string Host = "orders.abc.eu-west-1.rds.amazonaws.com";
    private const string Local = "correct-horse-battery";

    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly FakeLogin _credentials = new();
    private readonly ScriptedServer _server;

    public LocalPasswordTests()
    {
        _certificate = _authority.Issue(Host);
        _server = new ScriptedServer(
            _certificate,
            async tls =>
            {
                await ReadStartupAsync(tls);
                await tls.WriteAsync(Message('R', 0, 0, 0, 3));
                await PostgreSqlFrame.ReadAsync(tls, CancellationToken.None);
                await tls.WriteAsync((byte[])[.. Message('R', 0, 0, 0, 0), .. Message('Z', (byte)'I')]);
                await tls.ReadExactlyAsync(new byte[1]);
            }
        );
    }

    [Fact]
    public async Task SignIn_WithIt_SignsInToTheDatabase()
    {
        var (tool, signIn) = await StartAsync();
        var scram = new ScramClient("SCRAM-SHA-256", "n,,", [], new DatabaseCredentials("jane", Local));
        await SayAsync(tool, scram, SaslMessages.Initial("SCRAM-SHA-256", scram.First()));
        scram.Verify((await ReadAsync(tool, kind: 12)).Span);
        await ReadAsync(tool, kind: 0);
        await using var database = await signIn;
        Assert.Equal((byte)'Z', (await PostgreSqlFrame.ReadAsync(tool, CancellationToken.None)).Type);
        await database!.WriteAsync(Message('X'));
    }

    [Fact]
    public async Task SignIn_WithAnotherPassword_IsToldSoAndReachesNothing()
    {
        var (tool, signIn) = await StartAsync();
        var scram = new ScramClient("SCRAM-SHA-256", "n,,", [], new DatabaseCredentials("jane", "the database's own"));
        await SayAsync(tool, scram, SaslMessages.Initial("SCRAM-SHA-256", scram.First()));
        var refused = Encoding.UTF8.GetString((await PostgreSqlFrame.ReadAsync(tool, CancellationToken.None)).Body.Span);
        Assert.Contains("C28P01", refused, StringComparison.Ordinal);
        Assert.Contains("The local password is wrong", refused, StringComparison.Ordinal);
        Assert.Equal(LoginError.WrongLocalPassword, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Equal(0, _server.Dialled);
        Assert.Equal(0, _credentials.Asked);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=,r=abc")]
    [InlineData("SCRAM-SHA-256", "n,,")]
    public async Task SignIn_WhatIsNoAnswer_IsToldSoAndReachesNothing(string mechanism, string first)
    {
        var (tool, signIn) = await StartAsync();
        await ReadAsync(tool, kind: 10);
        await tool.WriteAsync(Message('p', SaslMessages.Initial(mechanism, Encoding.UTF8.GetBytes(first))));
        Assert.Contains(
            "must support SCRAM-SHA-256",
            Encoding.UTF8.GetString((await PostgreSqlFrame.ReadAsync(tool, CancellationToken.None)).Body.Span),
            StringComparison.Ordinal
        );
        await Assert.ThrowsAsync<LoginException>(() => signIn);
        Assert.Equal(0, _server.Dialled);
        Assert.Equal(0, _credentials.Asked);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'Q', 0, 0, 0, 4 })]
    [InlineData(new byte[] { (byte)'p', 0, 0, 0, 3 })]
    [InlineData(new byte[] { (byte)'p', 0, 1, 0, 0 })]
    public async Task SignIn_AMessageThatIsNone_IsToldSo(byte[] bytes)
    {
        var (tool, signIn) = await StartAsync();
        await ReadAsync(tool, kind: 10);
        await tool.WriteAsync(bytes);
        Assert.Equal(LoginError.ToolUnsupported, (await Assert.ThrowsAsync<LoginException>(() => signIn)).Error);
        Assert.Equal(0, _server.Dialled);
    }

    [Fact]
    public async Task SignIn_AToolThatHasNone_MayLeaveAndAskItsUser()
    {
        var (tool, signIn) = await StartAsync();
        await ReadAsync(tool, kind: 10);
        await tool.DisposeAsync();
        await Assert.ThrowsAsync<ToolGoneException>(() => signIn);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
    }

    private async Task<(Stream Tool, Task<Stream?> SignIn)> StartAsync()
    {
        var (tool, local) = await StreamPair.CreateAsync();
        var login = new Login(Host, _authority.Certificates, _credentials) { LocalPassword = new LocalPassword(Local, new HastyTime()) };
        await tool.WriteAsync(StartupPacketTests.Packet(0, ("user", "jane"), ("database", "shop")));
        return (tool, new PostgreSqlEngine(TimeProvider.System).SignInAsync(local, _server.DialAsync, login, CancellationToken.None));
    }

    private static async Task SayAsync(Stream tool, ScramClient scram, byte[] first)
    {
        Assert.Equal(["SCRAM-SHA-256"], SaslMessages.Mechanisms(await ReadAsync(tool, kind: 10)));
        await tool.WriteAsync(Message('p', first));
        await tool.WriteAsync(Message('p', scram.Final((await ReadAsync(tool, kind: 11)).Span)));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream tool, byte kind)
    {
        var frame = await PostgreSqlFrame.ReadAsync(tool, CancellationToken.None);
        Assert.Equal(((byte)'R', kind), (frame.Type, frame.Body.Span[3]));
        return frame.Body[4..];
    }
}
