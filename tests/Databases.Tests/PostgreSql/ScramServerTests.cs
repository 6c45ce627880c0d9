using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.Databases.PostgreSql;

namespace RdsTunnel.Databases.Tests.PostgreSql;

public sealed class ScramServerTests
{
    private const string Password = "correct-horse-battery";
    private static readonly ScramVerifier Verifier = ScramVerifier.Of(new LocalPassword(Password, TimeProvider.System));

    private readonly ScramServer _server = new(Verifier);

    [Theory]
    [InlineData("n,,")]
    [InlineData("y,,")]
    public void Exchange_WithThePassword_ConvincesBothSides(string header)
    {
        var client = ClientWith(Password, header);
        var (isRight, final) = _server.Judge(client.Final(_server.Answer(client.First())))!.Value;
        Assert.True(isRight);
        client.Verify(final);
        Assert.True(client.IsServerVerified);
    }

    [Fact]
    public void Exchange_WithAnotherPassword_IsWrong()
    {
        var client = ClientWith("correct-horse-batterY");
        Assert.False(_server.Judge(client.Final(_server.Answer(client.First())))!.Value.IsRight);
    }

    [Fact]
    public void Judge_AProofOfAnotherExchange_IsNone()
    {
        var client = ClientWith(Password);
        var other = new ScramServer(Verifier);
        var final = client.Final(other.Answer(client.First()));
        _server.Answer(client.First());
        Assert.Null(_server.Judge(final));
    }

    [Fact]
    public void Judge_BeforeTheFirstMessage_IsNone() =>
        Assert.Null(_server.Judge("c=,r=,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="u8));

    [Theory]
    [InlineData("n,,n=jane,r=abc", true)]
    [InlineData("n,,n=*,r=abc,ext=1", true)]
    [InlineData("p=tls-server-end-point,,n=,r=abc", false)]
    [InlineData("n,a=other,n=,r=abc", false)]
    [InlineData("n,,m=must,n=,r=abc", false)]
    [InlineData("n,,n=,r=", false)]
    [InlineData("n,,r=abc", false)]
    [InlineData("n,,", false)]
    [InlineData("", false)]
    public void Answer_WhatClientsBeginWith_AndNothingElse(string first, bool isAnswered) =>
        Assert.Equal(isAnswered, _server.Answer(Encoding.UTF8.GetBytes(first)) is not null);

    [Fact]
    public void AnyBytes_AreNothing() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                bytes =>
                {
                    var server = new ScramServer(Verifier);
                    server.Answer("n,,n=,r=abc"u8);
                    return server.Judge(bytes) is null && new ScramServer(Verifier).Answer(bytes) is null;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Verifier_OfOnePassword_IsMadeOnce()
    {
        var password = new LocalPassword(Password, TimeProvider.System);
        Assert.Same(ScramVerifier.Of(password), ScramVerifier.Of(password));
        Assert.NotEqual(ScramVerifier.Of(password).StoredKey, Verifier.StoredKey); // each has a salt of its own
    }

    private static ScramClient ClientWith(string password, string header = "n,,") =>
        new("SCRAM-SHA-256", header, [], new DatabaseCredentials("app", password));
}
