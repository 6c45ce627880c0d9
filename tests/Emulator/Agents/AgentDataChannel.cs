using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Agents;

/// <summary>The agent's end of a data channel, with the real agent's ways: see
/// <see cref="ResendAsync"/> and <see cref="OnStreamDataAsync"/>.
/// One reader; senders may be many.</summary>
/// <param name="send">Hands a message to the gateway.</param>
/// <param name="onPayload">Takes the payload of each message in its turn.</param>
internal sealed class AgentDataChannel(
    RelayLink link,
    Func<RelayMessage, ValueTask> send,
    Func<PayloadType, ReadOnlyMemory<byte>, ValueTask<InputResult>> onPayload,
    TimeProvider time
) : IDisposable
{
    /// <summary>The largest payload that the agent sends.</summary>
    public const int MaxPayloadBytes = 1024;

    private const ulong AcknowledgeFlags = ClientMessageHeader.SynFlag | ClientMessageHeader.FinFlag;

    private static readonly TimeSpan ResendInterval = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _sending = new(1);
    private readonly IncomingMessageBuffer _incoming = new();
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly OutgoingMessageBuffer _outgoing = new(time);

    // Guarded by _sending.
    private long _nextSequenceNumber;

    // Only the reader touches it.
    private long _expectedSequenceNumber;
    private volatile bool _isPaused;

    /// <summary>The service said that nobody listens: what is sent is only kept, and nothing is sent again.</summary>
    public bool IsPaused => _isPaused;

    public int UnacknowledgedMessages
    {
        get
        {
            lock (_gate)
            {
                return _outgoing.Count;
            }
        }
    }

    public ValueTask SendSessionStateAsync(string sessionId) =>
        SendControlAsync(
            MessageType.AgentSessionState,
            JsonSerializer.SerializeToUtf8Bytes(new AgentSessionState(1, "Connected", sessionId), DataChannelJson.Default.AgentSessionState)
        );

    /// <summary>Sends at most <see cref="MaxPayloadBytes"/> of data, or a longer message of the handshake.</summary>
    public async ValueTask SendStreamDataAsync(PayloadType payloadType, ReadOnlySequence<byte> payload)
    {
        if (!_sending.Wait(0, CancellationToken.None))
        {
            await _sending.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        try
        {
            var sequenceNumber = _nextSequenceNumber++;
            var header = new ClientMessageHeader(
                MessageType.OutputStreamData,
                Now(),
                sequenceNumber,
                sequenceNumber == 0 ? ClientMessageHeader.SynFlag : 0,
                Guid.NewGuid(),
                payloadType
            );
            var buffer = ArrayPool<byte>.Shared.Rent(ClientMessageCodec.OverheadBytes + (int)payload.Length);
            payload.CopyTo(buffer.AsSpan(ClientMessageCodec.OverheadBytes));
            var message = new RelayMessage(buffer, ClientMessageCodec.WriteAround(buffer, header, (int)payload.Length));
            var copy = _isPaused ? (RelayMessage?)null : RelayMessage.CopyOf(message.Span);
            lock (_gate)
            {
                _outgoing.Add(sequenceNumber, message);
            }

            if (copy is { } sent)
            {
                await send(sent).ConfigureAwait(false);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    public ValueTask SendFlagAsync(PayloadFlag flag)
    {
        var payload = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)flag);
        return SendStreamDataAsync(PayloadType.Flag, new ReadOnlySequence<byte>(payload));
    }

    /// <summary>Reads what the gateway sends until the service closes the channel.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (await link.Messages.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (link.Messages.TryRead(out var message))
            {
                try
                {
                    if (!await OnMessageAsync(message).ConfigureAwait(false))
                    {
                        return;
                    }
                }
                finally
                {
                    message.Release();
                    link.MessageTaken();
                }
            }
        }
    }

    /// <summary>Every 100 ms, sends the oldest message again if its acknowledgement is late. Only the oldest.</summary>
    public async Task ResendAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ResendInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            RelayMessage? late;
            lock (_gate)
            {
                if (_isPaused || !_outgoing.TryTakeLate(out late))
                {
                    continue;
                }
            }

            await send(late.Value).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _outgoing.Clear();
        }

        _incoming.Clear();
    }

    /// <summary>False when the channel is closed.</summary>
    private async ValueTask<bool> OnMessageAsync(RelayMessage message)
    {
        if (ClientMessageCodec.TryRead(message.Span, out var header, out _) != ClientMessageError.None)
        {
            return true;
        }

        switch (header.MessageType)
        {
            case MessageType.InputStreamData:
                _isPaused = false;
                await OnStreamDataAsync(header, message).ConfigureAwait(false);
                return true;
            case MessageType.Acknowledge:
                _isPaused = false;
                OnAcknowledge(Payload(message).Span);
                return true;
            case MessageType.PausePublication:
                _isPaused = true;
                return true;
            case MessageType.StartPublication:
                _isPaused = false;
                return true;
            default:
                return header.MessageType != MessageType.ChannelClosed;
        }
    }

    /// <summary>The expected message is processed, then acknowledged; a later one is acknowledged
    /// and kept, if there is room; an earlier one is
    /// acknowledged again.</summary>
    private async ValueTask OnStreamDataAsync(ClientMessageHeader header, RelayMessage message)
    {
        if (header.SequenceNumber > _expectedSequenceNumber)
        {
            if (_incoming.HasRoom)
            {
                await AcknowledgeAsync(header).ConfigureAwait(false);
                _incoming.Add(header.SequenceNumber, message.Span);
            }

            return;
        }

        if (header.SequenceNumber < _expectedSequenceNumber)
        {
            await AcknowledgeAsync(header).ConfigureAwait(false);
            return;
        }

        if (await onPayload(header.PayloadType, Payload(message)).ConfigureAwait(false) == InputResult.Processed)
        {
            await AcknowledgeAsync(header).ConfigureAwait(false);
            _expectedSequenceNumber++;
            await ProcessKeptAsync().ConfigureAwait(false);
        }
    }

    // A kept message that is rejected has been acknowledged already: nobody sends it again, and the
    // channel stands still. So does the real one.
    private async ValueTask ProcessKeptAsync()
    {
        while (_incoming.TryGet(_expectedSequenceNumber, out var kept))
        {
            _ = ClientMessageCodec.TryRead(kept.Value.Span, out var header, out _);
            if (await onPayload(header.PayloadType, Payload(kept.Value)).ConfigureAwait(false) != InputResult.Processed)
            {
                return;
            }

            _incoming.Remove(_expectedSequenceNumber++);
        }
    }

    private void OnAcknowledge(ReadOnlySpan<byte> payload)
    {
        if (AcknowledgeContent.TryRead(payload, out var sequenceNumber, out _))
        {
            lock (_gate)
            {
                _outgoing.Acknowledge(sequenceNumber);
            }
        }
    }

    private ValueTask AcknowledgeAsync(in ClientMessageHeader header)
    {
        Span<byte> content = stackalloc byte[AcknowledgeContent.MaxBytes];
        var length = AcknowledgeContent.Write(content, header.MessageType, header.MessageId, header.SequenceNumber);
        return SendControlAsync(MessageType.Acknowledge, content[..length]);
    }

    private ValueTask SendControlAsync(MessageType type, ReadOnlySpan<byte> payload)
    {
        var header = new ClientMessageHeader(type, Now(), 0, AcknowledgeFlags, Guid.NewGuid(), PayloadType.None);
        var buffer = ArrayPool<byte>.Shared.Rent(ClientMessageCodec.OverheadBytes + payload.Length);
        return send(new RelayMessage(buffer, ClientMessageCodec.Write(buffer, header, payload)));
    }

    private static ReadOnlyMemory<byte> Payload(RelayMessage message) => message.Memory[ClientMessageCodec.OverheadBytes..];

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
