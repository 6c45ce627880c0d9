using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.Databases.PostgreSql;

namespace RdsTunnel.Databases.Tests.PostgreSql;

public sealed class ScramClientTests
{
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    // RFC 7677's example has a user in the first message, which PostgreSQL leaves empty: so the proof is another one, computed apart.
    private readonly ScramClient _scram = new("SCRAM-SHA-256", "n,,", [], new DatabaseCredentials("user", "pencil"), Nonce);

    [Fact]
    public void First_NamesNoUser() => Assert.Equal($"n,,n=,r={Nonce}", Encoding.UTF8.GetString(_scram.First()));

    [Fact]
    public void Verify_SignatureOfAnotherPassword_IsRefused()
    {
        _scram.Final(Encoding.UTF8.GetBytes(ServerFirst));
        var refused = Assert.Throws<LoginException>(() => _scram.Verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="u8));
        Assert.Contains("couldn't prove", refused.Message, StringComparison.Ordinal);
        Assert.False(_scram.IsServerVerified);
    }

    [Fact]
    public void Verify_BeforeTheServersFirstMessage_IsRefused() => Assert.Throws<LoginException>(() => _scram.Verify("v="u8));

    [Theory]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")] // the server adds nothing
    [InlineData("r=somebodyElses0000000,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2147483647")]
    [InlineData("e=other-error")]
    [InlineData("")]
    public void Final_ServersFirstMessageThatIsNone_IsRefused(string first) =>
        Assert.Equal(LoginError.ProtocolError, Assert.Throws<LoginException>(() => _scram.Final(Encoding.UTF8.GetBytes(first))).Error);

    [Fact]
    public void AnyBytes_AreRefused() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                bytes =>
                    Assert.Throws<LoginException>(() => _scram.Final(bytes)) is not null
                    && Assert.Throws<LoginException>(() => _scram.Verify(bytes)) is not null
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Choose_ServerWithoutChannelBinding_SaysThatItWasNotSeen()
    {
        using var authority = new Support.TestAuthority();
        using var credentials = new DatabaseCredentials("user", "pencil");
        using var certificate = authority.Issue("db");
        Assert.StartsWith(
            "y,,",
            Encoding.UTF8.GetString(ScramClient.Choose(["SCRAM-SHA-256"], credentials, certificate).First()),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "n,,",
            Encoding.UTF8.GetString(ScramClient.Choose(["SCRAM-SHA-256"], credentials, null).First()),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "p=tls-server-end-point,,",
            Encoding.UTF8.GetString(ScramClient.Choose(["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], credentials, certificate).First()),
            StringComparison.Ordinal
        );
        Assert.Equal(
            LoginError.DatabaseUnsupported,
            Assert.Throws<LoginException>(() => ScramClient.Choose(["OAUTHBEARER"], credentials, certificate)).Error
        );
    }
}
