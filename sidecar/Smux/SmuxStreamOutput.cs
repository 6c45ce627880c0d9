using System.IO.Pipelines;

namespace RdsTunnel.Smux;

/// <summary>The local side's end of a stream's outbox: tells the stream whenever there is something to send.</summary>
internal sealed class SmuxStreamOutput(SmuxStream stream, PipeWriter outbox) : PipeWriter
{
    public override bool CanGetUnflushedBytes => outbox.CanGetUnflushedBytes;

    public override long UnflushedBytes => outbox.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => outbox.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => outbox.GetSpan(sizeHint);

    public override void Advance(int bytes) => outbox.Advance(bytes);

    public override void CancelPendingFlush() => outbox.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushed = outbox.FlushAsync(cancellationToken);
        stream.QueueTurn();
        return flushed;
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        var flushed = outbox.WriteAsync(source, cancellationToken);
        stream.QueueTurn();
        return flushed;
    }

    public override void Complete(Exception? exception = null)
    {
        if (exception is not null)
            stream.Abort();
        outbox.Complete();
        stream.QueueTurn();
    }
}
