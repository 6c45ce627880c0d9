namespace RdsTunnel.DataChannels.Links;

/// <summary>One websocket's life, as messages. One reader and one writer at a time; any failure is a <see cref="LinkException"/>.</summary>
internal interface IDataChannelLink : IAsyncDisposable
{
    /// <summary>The next binary message, valid until the next call.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Sends a message, or puts it into the batch that <see cref="BeginBatch"/> began. The
    /// bytes are taken before it returns.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>From now on messages are gathered, up to a bound, to share one write to the socket.</summary>
    void BeginBatch();

    ValueTask EndBatchAsync(CancellationToken cancellationToken);

    /// <summary>Says goodbye to the peer; does not wait for the answer.</summary>
    Task CloseAsync(CancellationToken cancellationToken);
}

internal interface IDataChannelConnector
{
    /// <summary>Opens the websocket and presents the token.</summary>
    /// <param name="signature">Headers of the upgrade; null for none.</param>
    Task<IDataChannelLink> ConnectAsync(
        DataChannelAccess access,
        IReadOnlyList<KeyValuePair<string, string>>? signature,
        CancellationToken cancellationToken
    );
}
