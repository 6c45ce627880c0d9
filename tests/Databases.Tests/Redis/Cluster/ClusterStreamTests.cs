using System.Text;
using RdsTunnel.Databases.Redis.Cluster;

namespace RdsTunnel.Databases.Tests.Redis.Cluster;

/// <summary>Nodes in a cluster's replies become ports of this machine; all other bytes stay as they are.</summary>
public sealed class ClusterStreamTests
{
    private const string Id = "07c37dfeb235213a872192d90877d0cd55635b91";
    private const string One = $"{Id} 10.0.0.1:6379@16379,one myself,master - 0 0 1 connected 0-5460\n";
    private const string Two = $"{Id} 10.0.0.2:6379@16379,two slave {Id} 0 0 1 connected\n";
    private const string OneHere = $"{Id} 127.0.0.1:16001@16379 myself,master - 0 0 1 connected 0-5460\n";
    private const string TwoHere = $"{Id} 127.0.0.1:16002@16379 slave {Id} 0 0 1 connected\n";

    [Theory]
    [InlineData("-MOVED 3999 two:6379\r\n", "-MOVED 3999 127.0.0.1:16002\r\n")]
    [InlineData("-ASK 3999 one:6379\r\n", "-ASK 3999 127.0.0.1:16001\r\n")]
    [InlineData("-MOVED 3999 :6379\r\n", "-MOVED 3999 127.0.0.1:16000\r\n")]
    [InlineData("-MOVED 3999 fd00::7:6379\r\n", "-MOVED 3999 127.0.0.1:16007\r\n")]
    [InlineData("-MOVED 3999 elsewhere:6379\r\n", "-MOVED 3999 elsewhere:6379\r\n")]
    [InlineData("-MOVED 3999 two:99999\r\n", "-MOVED 3999 two:99999\r\n")]
    [InlineData("-MOVED two:6379\r\n", "-MOVED two:6379\r\n")]
    [InlineData("-ERR MOVED 3999 two:6379\r\n", "-ERR MOVED 3999 two:6379\r\n")]
    [InlineData("+MOVED 3999 two:6379\r\n", "+MOVED 3999 two:6379\r\n")]
    [InlineData("$20\r\n-MOVED 3999 two:6379\r\n", "$20\r\n-MOVED 3999 two:6379\r\n")]
    public async Task Read_AnError_LeadsHereIfItMovesTheTool(string reply, string expected) =>
        Assert.Equal(expected + ":1\r\n", await AnswerAsync("GET a", reply + ":1\r\n"));

    [Theory]
    [InlineData("$-1\r\n", "*2\r\n$8\r\nhostname\r\n$3\r\ntwo\r\n", "*0\r\n")]
    [InlineData("_\r\n", "%1\r\n$8\r\nhostname\r\n$3\r\ntwo\r\n", "%0\r\n")]
    public async Task Read_Slots_NameLocalPorts(string nothing, string details, string detailsAfter)
    {
        var reply =
            $"*2\r\n*4\r\n:0\r\n:5460\r\n*4\r\n$3\r\none\r\n:6379\r\n$40\r\n{Id}\r\n{details}*4\r\n$3\r\ntwo\r\n:6379\r\n$40\r\n{Id}\r\n{details}"
            + $"*3\r\n:5461\r\n:16383\r\n*3\r\n{nothing}:6379\r\n$40\r\n{Id}\r\n";
        var expected =
            $"*2\r\n*4\r\n:0\r\n:5460\r\n*4\r\n$9\r\n127.0.0.1\r\n:16001\r\n$40\r\n{Id}\r\n{detailsAfter}*4\r\n$9\r\n127.0.0.1\r\n:16002\r\n$40\r\n{Id}\r\n{detailsAfter}"
            + $"*3\r\n:5461\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:16000\r\n$40\r\n{Id}\r\n";
        Assert.Equal(expected, await AnswerAsync("CLUSTER SLOTS", reply));
        Assert.Equal(expected, await AnswerAsync("cluster slots", reply));
    }

    [Theory]
    [InlineData("*4\r\n", "*12\r\n", "*10\r\n")]
    [InlineData("%2\r\n", "%6\r\n", "%5\r\n")]
    public async Task Read_Shards_NameLocalPortsWithoutTls(string shard, string node, string nodeAfter)
    {
        var head = $"*1\r\n{shard}$5\r\nslots\r\n*2\r\n:0\r\n:5460\r\n$5\r\nnodes\r\n*1\r\n";
        var role = "$4\r\nrole\r\n$6\r\nmaster\r\n";
        var reply =
            $"{head}{node}$2\r\nid\r\n$40\r\n{Id}\r\n$4\r\nport\r\n:1\r\n$8\r\ntls-port\r\n:6379\r\n$2\r\nip\r\n$8\r\n10.0.0.1\r\n$8\r\nendpoint\r\n$3\r\none\r\n{role}";
        var expected =
            $"{head}{nodeAfter}$2\r\nid\r\n$40\r\n{Id}\r\n$4\r\nport\r\n:16001\r\n$2\r\nip\r\n$9\r\n127.0.0.1\r\n$8\r\nendpoint\r\n$9\r\n127.0.0.1\r\n{role}";
        Assert.Equal(expected, await AnswerAsync("CLUSTER SHARDS", reply));
    }

    [Fact]
    public async Task Read_Nodes_NameLocalPorts()
    {
        const string unknown = $"{Id} :0@0 master,noaddr - 0 0 1 disconnected\n";
        const string foreign = $"{Id} 10.0.0.9:6379@16379,elsewhere master - 0 0 1 connected\n";
        Assert.Equal(Bulk(OneHere + TwoHere + unknown + foreign), await AnswerAsync("CLUSTER NODES", Bulk(One + Two + unknown + foreign)));
        Assert.Equal(Bulk("txt:" + OneHere, '='), await AnswerAsync("CLUSTER NODES", Bulk("txt:" + One, '=')));
        Assert.Equal($"*1\r\n{Bulk(TwoHere.TrimEnd())}", await AnswerAsync("CLUSTER REPLICAS x", $"*1\r\n{Bulk(Two.TrimEnd())}"));
    }

    [Fact]
    public async Task Read_AValueThatLooksLikeNodes_IsLeftAlone()
    {
        var value = Bulk(One + Two);
        Assert.Equal($"{value}{Bulk(OneHere)}{value}", await AnswerAsync("GET a\nCLUSTER NODES\nGET a", $"{value}{Bulk(One)}{value}"));
        // An error in its place is the whole answer.
        Assert.Equal($"-NOPERM no\r\n{value}", await AnswerAsync("CLUSTER NODES\nGET a", $"-NOPERM no\r\n{value}"));
        Assert.Equal($"{value}", await AnswerAsync("CLUSTER INFO", $"{value}"));
    }

    [Fact]
    public async Task Read_PushesInBetween_AreNotCounted()
    {
        const string push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n";
        Assert.Equal(
            $"{push}+OK\r\n{push}{Bulk(OneHere)}{push}",
            await AnswerAsync("SET a 1\nCLUSTER NODES", $"{push}+OK\r\n{push}{Bulk(One)}{push}")
        );
    }

    [Fact]
    public async Task Read_InATransaction_OnlyItsOwnReplyIsChanged()
    {
        var queued = "+OK\r\n+QUEUED\r\n+QUEUED\r\n";
        Assert.Equal(
            $"{queued}*2\r\n{Bulk(One)}{Bulk(OneHere)}{Bulk(One)}",
            await AnswerAsync("MULTI\nGET a\nCLUSTER NODES\nEXEC\nGET a", $"{queued}*2\r\n{Bulk(One)}{Bulk(One)}{Bulk(One)}")
        );
        Assert.Equal(
            $"{queued}-EXECABORT no\r\n{Bulk(One)}",
            await AnswerAsync("MULTI\nGET a\nCLUSTER NODES\nEXEC\nGET a", $"{queued}-EXECABORT no\r\n{Bulk(One)}")
        );
        Assert.Equal(
            $"{queued}+OK\r\n{Bulk(One)}",
            await AnswerAsync("MULTI\nGET a\nCLUSTER NODES\nDISCARD\nGET a", $"{queued}+OK\r\n{Bulk(One)}")
        );
    }

    [Theory]
    [InlineData("SUBSCRIBE news other")]
    [InlineData("CLIENT REPLY SKIP")]
    [InlineData("MONITOR")]
    public async Task Read_AfterACommandWithAnyNumberOfReplies_GoesByShape(string command)
    {
        const string message = "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n";
        Assert.Equal(
            $"{message}{message}{message}{Bulk(OneHere)}{message}",
            await AnswerAsync($"{command}\nCLUSTER NODES", $"{message}{message}{message}{Bulk(One)}{message}")
        );
    }

    [Fact]
    public async Task Read_AReplyThatIsCutOffOrTooLong_PassesAsItIs()
    {
        var cut = Bulk(One)[..^20];
        Assert.Equal(cut, await AnswerAsync("CLUSTER NODES", cut));
        var much = Bulk(string.Concat(Enumerable.Repeat(One, 100_000)));
        Assert.Equal($"{much}{Bulk(OneHere)}", await AnswerAsync("CLUSTER NODES\nCLUSTER NODES", $"{much}{Bulk(One)}", piece: 16_384));
    }

    [Fact]
    public async Task Read_AnotherProtocol_PassesAsItIs()
    {
        Assert.Equal(
            $"+FULLRESYNC\r\n$5\r\nREDIS{Bulk(One)}",
            await AnswerAsync("PSYNC ? -1\nCLUSTER NODES", $"+FULLRESYNC\r\n$5\r\nREDIS{Bulk(One)}")
        );
        Assert.Equal($"HTTP/1.1 200\r\n{Bulk(One)}", await AnswerAsync("CLUSTER NODES", $"HTTP/1.1 200\r\n{Bulk(One)}"));
        Assert.Equal("*1\r\n?\r\n", await AnswerAsync("CLUSTER SLOTS", "*1\r\n?\r\n"));
    }

    [Fact]
    public async Task Write_CommandsAsPlainLines_AreFollowedToo()
    {
        var server = new ScriptedStream($"+PONG\r\n{Bulk(One)}");
        await using var stream = new ClusterStream(server, new Peers());
        await stream.WriteAsync("\r\nPING\r\n\r\n  cluster   nodes\r\n"u8.ToArray());
        Assert.Equal($"+PONG\r\n{Bulk(OneHere)}", await ReadToEndAsync(stream));
    }

    internal static string Bulk(string text, char type = '$') => $"{type}{text.Length}\r\n{text}\r\n";

    /// <summary>The answer to some commands, a line each.</summary>
    private static async Task<string> AnswerAsync(string commands, string replies, int piece = 7)
    {
        var server = new ScriptedStream(replies, piece);
        await using var stream = new ClusterStream(server, new Peers());
        var said = string.Concat(commands.Split('\n').Select(Command));
        foreach (var part in Encoding.UTF8.GetBytes(said).Chunk(5))
        {
            await stream.WriteAsync(part);
        }

        Assert.Equal(said, Encoding.UTF8.GetString(server.Heard));
        return await ReadToEndAsync(stream);
    }

    private static string Command(string line) =>
        $"*{line.Split(' ').Length}\r\n" + string.Concat(line.Split(' ').Select(word => Bulk(word)));

    private static async Task<string> ReadToEndAsync(Stream stream)
    {
        var into = new MemoryStream();
        await stream.CopyToAsync(into);
        return Encoding.UTF8.GetString(into.ToArray());
    }

    internal sealed class Peers : IClusterPeers
    {
        public int? LocalPortOf(string? host, int port) =>
            (host, port) switch
            {
                (null, 6379) => 16_000,
                ("one", 6379) => 16_001,
                ("two", 6379) => 16_002,
                ("fd00::7", 6379) => 16_007,
                _ => null,
            };
    }
}
