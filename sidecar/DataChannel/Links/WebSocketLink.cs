using System.Net.WebSockets;

namespace RdsTunnel.DataChannels.Links;

/// <summary>A websocket that carries ClientMessages.</summary>
/// <param name="token">What opened it: whatever the service says when it closes it, this is not repeated.</param>
internal sealed class WebSocketLink(ClientWebSocket webSocket, BatchingStream stream, HttpMessageInvoker invoker, string token)
    : IDataChannelLink
{
    /// <summary>The node sends payloads of at most 32 KiB; what is larger is not a peer's of ours.</summary>
    private const int MaxMessageBytes = 128 * 1024;

    /// <summary>Holds a message of the size that nodes send; it grows, once, for a larger one.</summary>
    private const int InitialMessageBytes = 4 * 1024;

    private byte[] _message = new byte[InitialMessageBytes];

    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult result;
            try
            {
                result = await webSocket.ReceiveAsync(_message.AsMemory(length), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsFailure(e, cancellationToken))
            {
                throw LinkFaults.OfUse(e);
            }

            length += result.Count;
            if (result.MessageType == WebSocketMessageType.Close)
            {
                throw LinkFaults.OfClose(webSocket.CloseStatus, webSocket.CloseStatusDescription, token);
            }

            if (!result.EndOfMessage)
            {
                GrowIfFull(length);
            }
            else if (result.MessageType == WebSocketMessageType.Binary)
            {
                return _message.AsMemory(0, length);
            }
            else
            {
                length = 0;
            }
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            await webSocket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw LinkFaults.OfUse(e);
        }
    }

    public void BeginBatch() => stream.BeginBatch();

    public async ValueTask EndBatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await stream.EndBatchAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw LinkFaults.OfUse(e);
        }
    }

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await webSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw LinkFaults.OfUse(e);
        }
    }

    public ValueTask DisposeAsync()
    {
        webSocket.Abort();
        webSocket.Dispose();
        invoker.Dispose();
        return ValueTask.CompletedTask;
    }

    // A websocket that is aborted while it is in use says "cancelled", although nobody cancelled.
    private static bool IsFailure(Exception e, CancellationToken cancellationToken) =>
        e is WebSocketException or IOException or ObjectDisposedException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private void GrowIfFull(int length)
    {
        if (length < _message.Length)
        {
            return;
        }

        if (length >= MaxMessageBytes)
        {
            throw new LinkException($"The service sent a message of more than {MaxMessageBytes} bytes.");
        }

        Array.Resize(ref _message, MaxMessageBytes);
    }
}
