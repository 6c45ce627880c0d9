using System.IO.Pipelines;
using System.Threading.Channels;

namespace RdsTunnel.Smux;

/// <summary>Owns the transport's writer. Who has something to send queues for a turn; turns are
/// bounded and served in order, so that a small
/// write waits for at most one turn of each busy stream. While the transport is congested, nobody's turn comes.</summary>
internal sealed class WriteLoop(PipeWriter transport)
{
    /// <summary>64 KiB, four turns: what is ready shares a flush, and a small write waits for little more than that.</summary>
    internal const int FlushBytes = 4 * SmuxStream.TurnBytes;

    // Holds each source at most once, so it is bounded by the number of streams.
    private readonly Channel<IFrameSource> _turns = Channel.CreateUnbounded<IFrameSource>(new() { SingleReader = true });

    public void QueueTurn(IFrameSource source) => _turns.Writer.TryWrite(source);

    /// <summary>Runs until it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var writer = new FrameWriter(transport);
        while (await _turns.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_turns.Reader.TryRead(out var source))
            {
                source.WriteTurn(writer);
                if (writer.UnflushedBytes >= FlushBytes)
                    await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
