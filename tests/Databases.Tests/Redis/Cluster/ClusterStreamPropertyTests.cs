using System.Globalization;
using System.Text;
using RdsTunnel.Databases.Redis.Cluster;

namespace RdsTunnel.Databases.Tests.Redis.Cluster;

/// <summary>Whatever is asked and answered, in whichever pieces: nothing but addresses changes, and nothing breaks.</summary>
public sealed class ClusterStreamPropertyTests
{
    private const string Id = "07c37dfeb235213a872192d90877d0cd55635b91";
    private const string Line = $"{Id} 10.0.0.1:6379@16379,one master - 0 0 1 connected 0-5460\n";
    private const string LineHere = $"{Id} 127.0.0.1:16001@16379 master - 0 0 1 connected 0-5460\n";

    [Fact]
    public async Task Read_RandomConversations_ChangesOnlyTheRepliesThatNameNodes()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var (said, replies, expected) = (new StringBuilder(), new StringBuilder(), new StringBuilder());
            for (var i = random.Next(1, 40); i > 0; i--)
            {
                var (command, reply, changed) = Exchange(random);
                said.Append(command);
                replies.Append(reply);
                expected.Append(changed ?? reply);
            }

            var server = new ScriptedStream(Encoding.Latin1.GetBytes(replies.ToString()), () => random.Next(1, 200));
            await using var stream = new ClusterStream(server, new ClusterStreamTests.Peers());
            await SayAsync(stream, Encoding.Latin1.GetBytes(said.ToString()), random);
            Assert.Equal(expected.ToString(), Encoding.Latin1.GetString(await ReadAsync(stream, random)));
            Assert.Equal(said.ToString(), Encoding.Latin1.GetString(server.Heard));
        }
    }

    [Fact]
    public async Task Read_MutatedConversationsWithoutKnownNodes_AreLeftAsTheyAre()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var (said, replies) = (new StringBuilder(), new StringBuilder());
            for (var i = random.Next(1, 10); i > 0; i--)
            {
                var (command, reply, _) = Exchange(random);
                said.Append(command);
                replies.Append(reply);
            }

            var server = new ScriptedStream(Mutated(replies, random), () => random.Next(1, 200));
            await using var stream = new ClusterStream(server, new Nobody());
            await SayAsync(stream, Mutated(said, random), random);
            Assert.Equal(server.Script, await ReadAsync(stream, random));
        }
    }

    private static (string Command, string Reply, string? Changed) Exchange(Random random)
    {
        var bulk = ClusterStreamTests.Bulk;
        return random.Next(8) switch
        {
            0 => (Command("CLUSTER", "NODES"), bulk(Line, '$'), bulk(LineHere, '$')),
            1 => (
                Command("CLUSTER", "SLOTS"),
                "*1\r\n*3\r\n:0\r\n:1\r\n*3\r\n$3\r\ntwo\r\n:6379\r\n$1\r\nx\r\n",
                "*1\r\n*3\r\n:0\r\n:1\r\n*3\r\n$9\r\n127.0.0.1\r\n:16002\r\n$1\r\nx\r\n"
            ),
            2 => (
                Command("MULTI") + Command("GET", "a") + Command("CLUSTER", "NODES") + Command("EXEC"),
                $"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n{bulk(Line, '$')}{bulk(Line, '$')}",
                $"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n{bulk(Line, '$')}{bulk(LineHere, '$')}"
            ),
            3 => (Command("GET", "k"), "-MOVED 1 one:6379\r\n", "-MOVED 1 127.0.0.1:16001\r\n"),
            4 => (Command("GET", "k"), bulk(Line, '$'), null),
            5 => (Command("SET", "k", new string('v', random.Next(5000))), "+OK\r\n", null),
            6 => (Command("GET", "k"), ">2\r\n+invalidate\r\n:1\r\n" + Value(random, 4), null),
            _ => (Command("GET", "k"), Value(random, 4), null),
        };
    }

    private static string Command(params string[] words) =>
        string.Create(CultureInfo.InvariantCulture, $"*{words.Length}\r\n")
        + string.Concat(words.Select(word => ClusterStreamTests.Bulk(word)));

    // Anything that RESP can say, nested.
    private static string Value(Random random, int depth)
    {
        var count = random.Next(4);
        string Items(int number) => string.Concat(Enumerable.Range(0, number).Select(_ => Value(random, depth - 1)));
        return random.Next(depth == 0 ? 8 : 12) switch
        {
            0 => ":42\r\n",
            1 => "+PONG\r\n",
            2 => "_\r\n",
            3 => "$-1\r\n",
            4 => ",1.5\r\n",
            5 => "-ERR no\r\n",
            6 => "#t\r\n",
            7 => ClusterStreamTests.Bulk(new string('\n', random.Next(300)), random.Next(2) == 0 ? '$' : '='),
            8 => $"*{count}\r\n{Items(count)}",
            9 => $"~{count}\r\n{Items(count)}",
            10 => $"%{count}\r\n{Items(count * 2)}",
            _ => $"|1\r\n{Items(2)}{Value(random, depth - 1)}",
        };
    }

    private static byte[] Mutated(StringBuilder text, Random random)
    {
        var bytes = Encoding.Latin1.GetBytes(text.ToString()).ToList();
        for (var i = random.Next(5); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.Insert(at, "*$:-%=>|0123456789\r\n"u8[random.Next(20)]);
                    break;
            }
        }

        return [.. bytes];
    }

    private static async Task SayAsync(Stream stream, byte[] bytes, Random random)
    {
        for (var at = 0; at < bytes.Length; )
        {
            var part = Math.Min(random.Next(1, 300), bytes.Length - at);
            await stream.WriteAsync(bytes.AsMemory(at, part));
            at += part;
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, Random random)
    {
        var all = new List<byte>();
        while (true)
        {
            var buffer = new byte[random.Next(1, 500)];
            var read = await stream.ReadAsync(buffer);
            if (read == 0)
            {
                return [.. all];
            }

            all.AddRange(buffer.AsSpan(0, read));
        }
    }

    private sealed class Nobody : IClusterPeers
    {
        public int? LocalPortOf(string? host, int port) => null;
    }
}
