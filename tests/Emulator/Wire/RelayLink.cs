using System.Net.WebSockets;
using System.Threading.Channels;

namespace RdsTunnel.Emulator.Wire;

/// <summary>One connection of one side: a bounded queue of what the relay has for it, and its end.
/// Senders are many, the reader is one.</summary>
internal sealed class RelayLink : IDisposable
{
    /// <summary>What may wait for one side, 1 MiB of usual messages; a full queue stops the other side, as a full socket would.</summary>
    public const int MaxQueuedMessages = 1024;

    private readonly Channel<RelayMessage> _queue = Channel.CreateUnbounded<RelayMessage>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly SemaphoreSlim _room = new(MaxQueuedMessages);
    private readonly CancellationTokenSource _aborted = new();

    /// <summary>What this side is to be sent. Each message taken is followed by <see cref="MessageTaken"/>.</summary>
    public ChannelReader<RelayMessage> Messages => _queue.Reader;

    /// <summary>Set once the link is to end in an orderly way, after the last of <see cref="Messages"/>.</summary>
    public (WebSocketCloseStatus Status, string Description)? CloseReason { get; private set; }

    /// <summary>The link is cut: nothing more goes either way.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>The connection stays open, but nothing is read from it or written to it any more.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Queues a message, waiting while the queue is full; a link that has ended drops it. False when it was dropped.</summary>
    public async ValueTask<bool> SendAsync(RelayMessage message)
    {
        if (!_room.Wait(0, CancellationToken.None))
        {
            try
            {
                await _room.WaitAsync(_aborted.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                message.Release();
                return false;
            }
        }

        return TryPost(message);
    }

    /// <summary>Queues a message of the service itself, for which there is always room: there are few of them.</summary>
    public void Post(RelayMessage message) => TryPost(message);

    public void MessageTaken() => _room.Release();

    public void Close(WebSocketCloseStatus status, string description)
    {
        CloseReason ??= (status, description);
        _queue.Writer.TryComplete();
    }

    public void Freeze() => IsFrozen = true;

    public void Abort()
    {
        _queue.Writer.TryComplete();
        _aborted.Cancel();
    }

    public void Dispose()
    {
        Abort();
        while (_queue.Reader.TryRead(out var message))
        {
            message.Release();
        }
    }

    private bool TryPost(RelayMessage message)
    {
        if (_queue.Writer.TryWrite(message))
        {
            return true;
        }

        message.Release();
        return false;
    }
}
