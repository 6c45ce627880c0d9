using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using RdsTunnel.Faults;

namespace RdsTunnel.Smux;

/// <summary>Something that has frames to send when its turn comes.</summary>
internal interface IFrameSource
{
    /// <summary>Writes one bounded turn of frames, and queues itself again when more is left. Called by the write loop alone.</summary>
    void WriteTurn(FrameWriter writer);
}

/// <summary>Puts frames into the transport. Belongs to the session's write loop.</summary>
internal sealed class FrameWriter(PipeWriter transport)
{
    public int UnflushedBytes { get; private set; }

    public void Write(FrameCommand command, uint streamId) => WriteHeader(new FrameHeader(command, streamId));

    public void WriteData(uint streamId, in ReadOnlySequence<byte> data)
    {
        var length = checked((ushort)data.Length);
        WriteHeader(new FrameHeader(FrameCommand.Psh, streamId, length));
        foreach (var memory in data)
            transport.Write(memory.Span);
        UnflushedBytes += length;
    }

    /// <summary>Hands what was written to the transport, and waits for as long as it is congested.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (UnflushedBytes == 0)
            return;
        UnflushedBytes = 0;
        FlushResult result;
        try
        {
            result = await transport.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmuxException(SmuxError.TransportFailed, $"The transport failed while sending: {SafeText.Describe(fault)}.", fault);
        }

        if (result.IsCompleted)
            throw new SmuxException(SmuxError.TransportClosed, "The transport no longer takes data.");
    }

    private void WriteHeader(FrameHeader header)
    {
        header.Write(transport.GetSpan(FrameHeader.SizeBytes));
        transport.Advance(FrameHeader.SizeBytes);
        UnflushedBytes += FrameHeader.SizeBytes;
    }
}
