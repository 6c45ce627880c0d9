using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using RdsTunnel.Faults;

namespace RdsTunnel.Smux;

/// <summary>Takes the transport's bytes apart and gives each stream its own. Data is passed on as
/// it comes, however its frames are split.</summary>
internal sealed class ReadLoop(PipeReader transport, StreamTable streams, ReceiveBudget budget, KeepAlive? keepAlive, Action<uint> accept)
{
    private SmuxStream? _dataStream;
    private int _dataLeft;
    private long _droppedBytes;

    public long DroppedBytes => Interlocked.Read(ref _droppedBytes);

    /// <summary>Runs until it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadAsync(cancellationToken).ConfigureAwait(false);
            keepAlive?.OnReceived();
            var rest = result.Buffer;
            while (TryHandle(ref rest))
            {
                if (budget.MustPause)
                    await budget.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            }

            var isInsideFrame = !rest.IsEmpty || _dataLeft > 0;
            transport.AdvanceTo(rest.Start, rest.End);
            if (result.IsCompleted)
                throw new SmuxException(
                    SmuxError.TransportClosed,
                    isInsideFrame ? "The transport ended inside a frame." : "The transport ended."
                );
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await transport.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmuxException(SmuxError.TransportFailed, $"The transport failed while receiving: {SafeText.Describe(fault)}.", fault);
        }
    }

    /// <summary>Handles a frame, or as much of its data as is here; false when more bytes are needed.</summary>
    private bool TryHandle(ref ReadOnlySequence<byte> buffer)
    {
        if (_dataLeft > 0)
            return TryPassOn(ref buffer);
        if (!FrameHeader.TryRead(ref buffer, out var header))
            return false;
        switch (header.Command)
        {
            case FrameCommand.Syn:
                accept(header.StreamId);
                break;
            case FrameCommand.Fin:
                streams.Find(header.StreamId)?.OnFin();
                break;
            case FrameCommand.Psh:
                OnPsh(header);
                break;
            case FrameCommand.Nop:
                break;
        }

        return true;
    }

    private void OnPsh(FrameHeader header)
    {
        _dataStream = streams.Find(header.StreamId);
        _dataLeft = header.Length;
    }

    private bool TryPassOn(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsEmpty)
            return false;
        var data = buffer.Slice(0, Math.Min(buffer.Length, _dataLeft));
        buffer = buffer.Slice(data.End);
        _dataLeft -= (int)data.Length;
        if (_dataStream is null || !_dataStream.OnData(data))
            Interlocked.Add(ref _droppedBytes, data.Length);
        while (budget.MustReset && Heaviest() is { } slowest)
            slowest.Reset(SmuxError.SlowReader, "The local reader was too slow: its stream held the most when the receive budget ran out.");
        return true;
    }

    private SmuxStream? Heaviest()
    {
        SmuxStream? heaviest = null;
        var mostBytes = 0L;
        foreach (var stream in streams.All())
        {
            var held = stream.HeldBytes;
            if (held <= mostBytes)
                continue;
            (heaviest, mostBytes) = (stream, held);
        }

        return heaviest;
    }
}
