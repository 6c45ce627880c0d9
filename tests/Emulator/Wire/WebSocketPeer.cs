using System.Buffers;
using System.Net.WebSockets;

namespace RdsTunnel.Emulator.Wire;

/// <summary>Moves messages between one websocket and the relay, until either side closes or the link is cut.</summary>
internal sealed class WebSocketPeer(WebSocket webSocket, WireStream wire, RelayLink link, TimeProvider time)
{
    /// <summary>The longest message that the gateway takes; data messages have 1,144 bytes, the largest seen elsewhere 33 kB.</summary>
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>Fits a data message of the usual size, so that it is received in one piece.</summary>
    private const int UsualMessageBytes = 1280;

    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(5);

    /// <param name="onMessage">Takes over each binary message; while it waits, nothing more is received.</param>
    public async Task RunAsync(Func<RelayMessage, ValueTask> onMessage)
    {
        var receiving = ReceiveAsync(onMessage);
        var sending = SendAsync();
        await Task.WhenAny(receiving, sending).ConfigureAwait(false);

        // One direction has ended: the other has a moment to end in an orderly way.
        using var closing = new CancellationTokenSource(ClosingTime, time);
        var both = Task.WhenAll(receiving, sending);
        await both.WaitAsync(closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!both.IsCompleted)
        {
            link.Abort();
        }

        await both.ConfigureAwait(false);
    }

    /// <summary>Receives one whole message into a buffer that is rented, and the caller's; null when the peer has closed.</summary>
    public async ValueTask<(byte[] Buffer, int Length, WebSocketMessageType Type)?> ReceiveMessageAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(UsualMessageBytes);
        var length = 0;
        while (true)
        {
            var received = await webSocket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            length += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                return null;
            }

            if (received.EndOfMessage)
            {
                return (buffer, length, received.MessageType);
            }

            if (length == buffer.Length)
            {
                if (length >= MaxMessageBytes)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    link.Close(WebSocketCloseStatus.MessageTooBig, $"More than {MaxMessageBytes} bytes");
                    return null;
                }

                var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }
    }

    private async Task ReceiveAsync(Func<RelayMessage, ValueTask> onMessage)
    {
        try
        {
            while (await ReceiveMessageAsync(link.Aborted).ConfigureAwait(false) is var (buffer, length, type))
            {
                var message = new RelayMessage(buffer, length);
                if (type == WebSocketMessageType.Binary)
                {
                    await onMessage(message).ConfigureAwait(false);
                }
                else
                {
                    message.Release();
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            // The connection is gone, by the peer's or by our own doing.
            link.Abort();
        }

        link.Close(WebSocketCloseStatus.NormalClosure, "");
    }

    private async Task SendAsync()
    {
        try
        {
            while (await link.Messages.WaitToReadAsync(link.Aborted).ConfigureAwait(false))
            {
                wire.BeginBatch();
                while (link.Messages.TryRead(out var message))
                {
                    await webSocket
                        .SendAsync(message.Memory, WebSocketMessageType.Binary, endOfMessage: true, link.Aborted)
                        .ConfigureAwait(false);
                    message.Release();
                    link.MessageTaken();
                }

                await wire.EndBatchAsync(link.Aborted).ConfigureAwait(false);
            }

            if (link.CloseReason is { } reason && webSocket.State is (WebSocketState.Open or WebSocketState.CloseReceived))
            {
                await webSocket.CloseOutputAsync(reason.Status, reason.Description, link.Aborted).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            link.Abort();
        }
    }
}
