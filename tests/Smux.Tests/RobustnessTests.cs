using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using static RdsTunnel.Smux.FrameCommand;

namespace RdsTunnel.Smux.Tests;

/// <summary>Whatever a peer sends, a session ends with a code or goes on; it never crashes, hangs or grows.</summary>
public class RobustnessTests
{
    private static readonly SmuxOptions Options = new() { StreamShareBytes = 32 * 1024, ReceiveBudgetBytes = 256 * 1024 };

    [Fact]
    public void RandomBytes_NeverCrashHangOrGrow()
    {
        var bytes = Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf();
        Prop.ForAll(bytes.ToArbitrary(), FeedAsync).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void MutatedFrames_NeverCrashHangOrGrow()
    {
        var frame =
            from command in Gen.Frequency((1, Gen.Constant(Syn)), (1, Gen.Constant(Fin)), (6, Gen.Constant(Psh)), (1, Gen.Constant(Nop)))
            from streamId in Gen.Choose(1, 12)
            from length in Gen.Frequency((3, Gen.Choose(0, 30)), (1, Gen.Choose(30_000, ushort.MaxValue)))
            select new WireFrame(command, (uint)streamId, command == Psh ? new byte[length] : []);
        var input =
            from frames in frame.ListOf(40)
            from mutations in Gen.Zip(Gen.Choose(0, 2_000_000), Gen.Choose(0, 255)).ListOf()
            select (frames, mutations);
        Prop.ForAll(
                input.ToArbitrary(),
                value =>
                {
                    var bytes = new ArrayBufferWriter<byte>();
                    foreach (var frame in value.frames)
                    {
                        new FrameHeader(frame.Command, frame.StreamId, (ushort)frame.Data.Length).Write(
                            bytes.GetSpan(FrameHeader.SizeBytes)
                        );
                        bytes.Advance(FrameHeader.SizeBytes);
                        bytes.Write(frame.Data);
                    }

                    var mutated = bytes.WrittenSpan.ToArray();
                    foreach (var (position, replacement) in value.mutations.Where(mutation => mutation.Item1 < mutated.Length))
                        mutated[position] = (byte)replacement;
                    return FeedAsync(mutated);
                }
            )
            .QuickCheckThrowOnFailure();
    }

    private static async Task FeedAsync(byte[] bytes)
    {
        await FeedAsync(
            bytes,
            transport =>
            {
                var client = SmuxSession.StartClient(transport, Options);
                for (var i = 0; i < 4; i++)
                    client.OpenStream();
                return client;
            }
        );
        await FeedAsync(bytes, transport => SmuxSession.StartServer(transport, Options));
    }

    private static async Task FeedAsync(byte[] bytes, Func<IDuplexPipe, SmuxSession> start)
    {
        var pair = DuplexPair.Create();
        await using var session = start(pair.Client);
        var draining = pair.Server.Input.ReadToEndAsync();
        foreach (var piece in bytes.Chunk(20_000))
        {
            await pair.Server.Output.WriteAsync(piece, Patience.Token());
            Assert.InRange(session.HeldBytes, 0, Options.ReceiveBudgetBytes + ushort.MaxValue + InboxSegment.SizeBytes);
        }

        await pair.Server.Output.CompleteAsync();
        Assert.Contains((await session.FailureAsync()).Code, new[] { SmuxError.ProtocolError, SmuxError.TransportClosed });
        await draining.Soon();
    }
}
