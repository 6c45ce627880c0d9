using System.Buffers;
using System.IO.Pipelines;

namespace RdsTunnel.Smux.Tests;

/// <summary>A frame as it was on the wire.</summary>
internal sealed record WireFrame(FrameCommand Command, uint StreamId, byte[] Data)
{
    public override string ToString() => $"{Command} {StreamId} ({Data.Length})";
}

/// <summary>The other end of a session's transport, without a session: says and sees frames one by one.</summary>
internal sealed class RawPeer(IDuplexPipe transport)
{
    public PipeReader Input => transport.Input;

    public PipeWriter Output => transport.Output;

    public async Task SendAsync(FrameCommand command, uint streamId, byte[]? data = null)
    {
        var writer = new FrameWriter(transport.Output);
        if (command == FrameCommand.Psh)
            writer.WriteData(streamId, new ReadOnlySequence<byte>(data ?? []));
        else
            writer.Write(command, streamId);
        await writer.FlushAsync(Patience.Token());
    }

    public Task SendDataAsync(uint streamId, params byte[] data) => SendAsync(FrameCommand.Psh, streamId, data);

    public async Task<WireFrame> ReceiveAsync()
    {
        while (true)
        {
            var result = await transport.Input.ReadAsync(Patience.Token());
            var buffer = result.Buffer;
            if (FrameHeader.TryRead(ref buffer, out var header) && buffer.Length >= header.Length)
            {
                var data = buffer.Slice(0, header.Length);
                var frame = new WireFrame(header.Command, header.StreamId, data.ToArray());
                transport.Input.AdvanceTo(data.End);
                return frame;
            }

            if (result.IsCompleted)
                throw new EndOfStreamException();
            transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public async Task ExpectAsync(FrameCommand command, uint streamId, params byte[] data)
    {
        var frame = await ReceiveAsync();
        Assert.Equal((command, streamId), (frame.Command, frame.StreamId));
        Assert.Equal(data, frame.Data);
    }
}
