using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Nerdbank.Streams;

namespace RdsTunnel.Rpc.Tests;

/// <summary>Whatever arrives, the connection answers or ends; it never throws, hangs or keeps what it got.</summary>
public sealed class RandomBytesTests
{
    private static readonly string[] Valid =
    [
        """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"clientInfo":{"name":"t","version":"1"},"protocolVersion":2,"logLevel":"Debug"}}""",
        """{"jsonrpc":"2.0","id":"x","method":"tunnel/open","params":{"target":"i-1","host":"db","port":5432,"endpointUrl":"http://127.0.0.1:1"}}""",
        """{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}""",
        """{"jsonrpc":"2.0","id":2,"method":"log/setLevel","params":{"level":"Warning"}}""",
        """{"jsonrpc":"2.0","id":3,"method":"tunnel/close","params":{"id":"t1"}}""",
    ];

    [Fact]
    public void Connection_RandomBytes_EndsInOrder() =>
        Prop.ForAll<byte[]>(bytes => EndsInOrderAsync(bytes ?? [])).QuickCheckThrowOnFailure();

    [Fact]
    public void Connection_MutatedMessages_EndsInOrder() =>
        Prop.ForAll(Mutations(framed: false), EndsInOrderAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Connection_MutatedFrames_EndsInOrder() =>
        Prop.ForAll(Mutations(framed: true), EndsInOrderAsync).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    /// <summary>Valid messages of which some bytes are replaced, and some left out; with their
    /// headers, or with headers that fit afterwards.</summary>
    private static Arbitrary<byte[]> Mutations(bool framed) =>
        Arb.From(
            from messages in Gen.Elements(Valid).ListOf(4)
            from edits in (from at in Gen.Choose(0, 2000) from value in Gen.Choose(-1, 255) select (at, value)).ListOf()
            select messages
                .SelectMany(message =>
                    framed
                        ? Edit(TestClient.Frame(message), edits)
                        : TestClient.Frame(Encoding.Latin1.GetString(Edit(Encoding.UTF8.GetBytes(message), edits)))
                )
                .ToArray()
        );

    private static byte[] Edit(byte[] bytes, IList<(int At, int Value)> edits)
    {
        var edited = bytes.ToList();
        foreach (var (at, value) in edits.Where(edit => edit.At < edited.Count))
        {
            if (value < 0)
            {
                edited.RemoveAt(at);
            }
            else
            {
                edited[at] = (byte)value;
            }
        }

        return [.. edited];
    }

    private static async Task EndsInOrderAsync(byte[] bytes)
    {
        var output = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var connection = new JsonRpcConnection(
            new DuplexPipe(PipeReader.Create(new MemoryStream(bytes)), output.Writer),
            TimeProvider.System,
            NullLogger<JsonRpcConnection>.Instance
        );
        var tunnels = new FakeTunnels();
        var server = new SidecarServer(
            tunnels,
            new FakeSignIn().Methods(),
            new FakeDiscovery().Methods(),
            new FakeCheck().Methods(),
            new FakeReach().Methods(tunnels),
            new(FakeAgentTools.Instance),
            "1",
            new(Microsoft.Extensions.Logging.LogLevel.None),
            _ => { },
            TimeProvider.System,
            NullLogger<SidecarServer>.Instance
        );
        var end = await connection.RunAsync(server, CancellationToken.None).WaitAsync(TestClient.Patience);
        Assert.NotEqual(ConnectionEnd.OutputClosed, end);
    }
}
