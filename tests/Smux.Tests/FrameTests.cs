using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using static RdsTunnel.Smux.FrameCommand;

namespace RdsTunnel.Smux.Tests;

public class FrameTests
{
    private const int ClientMessageHeaderBytes = 120;

    [Fact]
    public void Decode_RecordedClientBytes_GivesItsFrames() =>
        Assert.Equal(
            ["Syn 3 (0)", "Psh 3 (9)", "Psh 3 (16)", "Syn 5 (0)", "Psh 5 (9)", "Fin 3 (0)", "Fin 5 (0)"],
            Decode(Split(Recorded("clientToNode"))).Select(frame => frame.ToString())
        );

    [Fact]
    public void Decode_RecordedNodeBytes_GivesItsFrames()
    {
        var frames = Decode(Split(Recorded("nodeToClient")));
        Assert.Equal(["Psh 3 (16)", "Psh 5 (3000)", "Fin 3 (0)", "Fin 5 (0)"], frames.Select(frame => frame.ToString()));
        Assert.Equal("hello, database\n"u8.ToArray(), frames[0].Data);
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => (byte)i), frames[1].Data);
    }

    [Theory]
    [InlineData("clientToNode")]
    [InlineData("nodeToClient")]
    public async Task Encode_RecordedFrames_GivesTheSameBytes(string direction)
    {
        var recorded = Recorded(direction);
        Assert.Equal(recorded, await EncodeAsync(Decode(Split(recorded))));
    }

    [Fact]
    public Task Decode_EncodedFramesSplitAnywhere_GivesTheFrames()
    {
        var frame =
            from command in Gen.Elements(Syn, Fin, Psh, Nop)
            from streamId in Gen.Elements(0u, 3u, 0x01020304u, uint.MaxValue)
            from length in Gen.Frequency((5, Gen.Choose(0, 20)), (1, Gen.Choose(0, ushort.MaxValue)))
            select new WireFrame(command, streamId, command == Psh ? StreamExtensions.RandomBytes(length, length) : []);
        var input = from frames in frame.ListOf() from cuts in Gen.Choose(0, 400_000).ListOf() select (frames, cuts);
        Prop.ForAll(
                input.ToArbitrary(),
                async value =>
                {
                    var bytes = await EncodeAsync(value.frames);
                    var decoded = Decode(Split(bytes, [.. value.cuts]));
                    Assert.Equal(value.frames.Select(f => (f.Command, f.StreamId)), decoded.Select(f => (f.Command, f.StreamId)));
                    Assert.All(value.frames.Zip(decoded), pair => Assert.Equal(pair.First.Data, pair.Second.Data));
                }
            )
            .QuickCheckThrowOnFailure();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(2, 0, 0, "version 2")]
    [InlineData(1, 4, 0, "command 4")]
    [InlineData(1, 0, 1, "data with the smux command Syn")]
    [InlineData(1, 1, 1, "data with the smux command Fin")]
    [InlineData(1, 3, 1, "data with the smux command Nop")]
    public void Decode_WhatIsNotSmux1_IsAProtocolError(byte version, byte command, byte lengthLow, string expected)
    {
        var buffer = new ReadOnlySequence<byte>([version, command, lengthLow, 0, 3, 0, 0, 0]);
        var error = Assert.Throws<SmuxException>(() => FrameHeader.TryRead(ref buffer, out _));
        Assert.Equal(SmuxError.ProtocolError, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_LessThanAHeader_WaitsForMore()
    {
        var buffer = new ReadOnlySequence<byte>([1, 0, 0, 0, 3, 0, 0]);
        Assert.False(FrameHeader.TryRead(ref buffer, out _));
        Assert.Equal(7, buffer.Length);
    }

    /// <summary>The smux bytes of one direction: the Output payloads of its data messages, one after the other.</summary>
    private static byte[] Recorded(string direction)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "port-session.json")));
        return
        [
            .. json
                .RootElement.GetProperty("messages")
                .EnumerateArray()
                .Where(message =>
                    message.GetProperty("direction").GetString() == direction
                    && message.GetProperty("messageType").GetString() != "acknowledge"
                    && message.GetProperty("payloadType").GetInt32() == 1
                )
                .SelectMany(message => message.GetProperty("messageBase64").GetBytesFromBase64()[ClientMessageHeaderBytes..]),
        ];
    }

    private static List<WireFrame> Decode(ReadOnlySequence<byte> bytes)
    {
        var frames = new List<WireFrame>();
        while (FrameHeader.TryRead(ref bytes, out var header))
        {
            frames.Add(new WireFrame(header.Command, header.StreamId, bytes.Slice(0, header.Length).ToArray()));
            bytes = bytes.Slice(header.Length);
        }

        Assert.True(bytes.IsEmpty);
        return frames;
    }

    private static async Task<byte[]> EncodeAsync(IEnumerable<WireFrame> frames)
    {
        using var bytes = new MemoryStream();
        var peer = new RawPeer(new OneWay(PipeWriter.Create(bytes)));
        foreach (var frame in frames)
            await peer.SendAsync(frame.Command, frame.StreamId, frame.Data);
        return bytes.ToArray();
    }

    private static ReadOnlySequence<byte> Split(byte[] bytes, params int[] cuts)
    {
        var ends = cuts.Where(cut => cut < bytes.Length).Append(bytes.Length).Order().ToArray();
        var first = new Piece(bytes.AsMemory(0, ends[0]), null);
        var last = first;
        for (var i = 1; i < ends.Length; i++)
            last = new Piece(bytes.AsMemory(ends[i - 1]..ends[i]), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed record OneWay(PipeWriter Output) : IDuplexPipe
    {
        public PipeReader Input => throw new NotSupportedException();
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            previous.Next = this;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
        }
    }
}
