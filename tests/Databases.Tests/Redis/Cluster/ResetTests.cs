using System.Text;
using RdsTunnel.Databases.Redis.Cluster;

namespace RdsTunnel.Databases.Tests.Redis.Cluster;

/// <summary>RESET signs out whoever sends it. A tool without a password is signed in again, and does not see how.</summary>
public sealed class ResetTests
{
    private const string Reset = "*1\r\n$5\r\nRESET\r\n";
    private const string Get = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
    private const string Auth = "*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n";

    [Theory]
    [InlineData(Get + Reset + Get, Get + Reset + Auth + Get, "$1\r\n1\r\n+RESET\r\n+OK\r\n$1\r\n1\r\n", "$1\r\n1\r\n+RESET\r\n$1\r\n1\r\n")]
    [InlineData(Reset + Reset, Reset + Auth + Reset + Auth, "+RESET\r\n+OK\r\n+RESET\r\n+OK\r\n", "+RESET\r\n+RESET\r\n")]
    [InlineData("reset\r\n" + Get, "reset\r\n" + Auth + Get, "+RESET\r\n+OK\r\n-ERR no\r\n", "+RESET\r\n-ERR no\r\n")]
    // A value that says the same is none.
    [InlineData(Get + Reset, Get + Reset + Auth, "+RESET\r\n+RESET\r\n+OK\r\n", "+RESET\r\n+RESET\r\n")]
    // A server before 6.2, which doesn't know it.
    [InlineData(Reset + Get, Reset + Auth + Get, "-ERR unknown command 'RESET'\r\n+OK\r\n:1\r\n", "-ERR unknown command 'RESET'\r\n:1\r\n")]
    [InlineData(
        "*1\r\n$7\r\nMONITOR\r\n" + Reset + Get,
        "*1\r\n$7\r\nMONITOR\r\n" + Reset + Auth + Get,
        "+OK\r\n+1.5 [0 lua] \"GET\" \"a\"\r\n-ERR busy\r\n+RESET\r\n+OK\r\n:1\r\n",
        "+OK\r\n+1.5 [0 lua] \"GET\" \"a\"\r\n-ERR busy\r\n+RESET\r\n:1\r\n"
    )]
    public async Task Reset_OfAToolWithoutAPassword_IsFollowedByASignInThatItDoesNotSee(
        string said,
        string heard,
        string replies,
        string expected
    )
    {
        foreach (var piece in new[] { 1, 5, 7, 1000 })
        {
            var server = new ScriptedStream(replies, piece);
            await using var stream = new ClusterStream(server, new ClusterStreamTests.Peers(), Again());
            foreach (var part in Encoding.UTF8.GetBytes(said).Chunk(piece))
            {
                await stream.WriteAsync(part);
            }

            Assert.Equal(heard, Encoding.UTF8.GetString(server.Heard));
            Assert.Equal(expected, await ReadToEndAsync(stream));
        }
    }

    [Fact]
    public async Task Reset_Counting_GoesOnBehindIt()
    {
        var nodes = ClusterStreamTests.Bulk("07c37dfeb235213a872192d90877d0cd55635b91 10.0.0.1:6379@1,one master - 0 0 1 connected\n");
        var server = new ScriptedStream($"+RESET\r\n+OK\r\n{nodes}");
        await using var stream = new ClusterStream(server, new ClusterStreamTests.Peers(), Again());
        await stream.WriteAsync(Encoding.UTF8.GetBytes(Reset + "*2\r\n$7\r\nCLUSTER\r\n$5\r\nNODES\r\n"));
        Assert.Contains("127.0.0.1:16001", await ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_WhereTheDatabaseRefusesTheSignIn_EndsTheConnection()
    {
        await using var stream = new ClusterStream(
            new ScriptedStream("+RESET\r\n-WRONGPASS no\r\n"),
            new ClusterStreamTests.Peers(),
            Again()
        );
        await stream.WriteAsync(Encoding.UTF8.GetBytes(Reset));
        var failure = await Assert.ThrowsAsync<LoginException>(() => ReadToEndAsync(stream));
        Assert.Equal(LoginError.DatabaseRefused, failure.Error);
    }

    [Fact]
    public async Task Reset_OfAToolThatSignsInByItself_IsLeftAlone()
    {
        var server = new ScriptedStream("+RESET\r\n+OK\r\n");
        await using var stream = new ClusterStream(server, new ClusterStreamTests.Peers());
        await stream.WriteAsync(Encoding.UTF8.GetBytes(Reset + Auth));
        Assert.Equal(Reset + Auth, Encoding.UTF8.GetString(server.Heard));
        Assert.Equal("+RESET\r\n+OK\r\n", await ReadToEndAsync(stream));
    }

    private static SignInAgain Again() => new(_ => Task.FromResult(Encoding.UTF8.GetBytes(Auth)));

    private static async Task<string> ReadToEndAsync(Stream stream)
    {
        var into = new MemoryStream();
        await stream.CopyToAsync(into);
        return Encoding.UTF8.GetString(into.ToArray());
    }
}
