using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Reliability;
using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>Takes what arrives: puts data in order and into the pipe, acknowledges it, and tells
/// the sender what was acknowledged.</summary>
/// <remarks>Outlives links. For one thread at a time: the reader of the current link.</remarks>
internal sealed class MessageReceiver(PipeWriter data, MessageSender sender, Handshake handshake, RepairWatch repairs, ILogger logger)
    : IDisposable
{
    private readonly ReorderBuffer _order = new();
    private readonly HashSet<ClientMessageError> _errorsLogged = [];
    private long _bytesReceived;
    private long _invalidMessages;
    private volatile bool _hasGap;

    /// <summary>The node could not connect to the target.</summary>
    public event Action? ConnectToPortFailed;

    /// <summary>Completes with HandshakeComplete.</summary>
    public TaskCompletionSource HandshakeCompleted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the node is still to be told before the channel ends.</summary>
    public Task LastWord { get; private set; } = Task.CompletedTask;

    /// <summary>What could be read, of every kind. For the reader's own thread.</summary>
    public long Messages { get; private set; }

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    public long InvalidMessages => Volatile.Read(ref _invalidMessages);

    /// <summary>What has arrived waits for a message that was lost.</summary>
    public bool HasGap => _hasGap;

    /// <exception cref="DataChannelException">The session is over, or the node does not speak the protocol.</exception>
    public void OnMessage(ReadOnlySpan<byte> message)
    {
        var error = ClientMessageCodec.TryRead(message, out var header, out var payload);
        if (error != ClientMessageError.None)
        {
            OnInvalid(error);
            return;
        }

        Messages++;
        switch (header.MessageType)
        {
            case MessageType.OutputStreamData:
                OnOutputStreamData(header, payload);
                break;
            case MessageType.Acknowledge when AcknowledgeContent.TryRead(payload, out var sequenceNumber, out var messageId):
                repairs.OnAcknowledge(header.CreatedDateMilliseconds);
                sender.OnAcknowledge(sequenceNumber, messageId);
                break;
            case MessageType.Acknowledge:
                OnInvalid(ClientMessageError.Content);
                break;
            case MessageType.ChannelClosed:
                OnChannelClosed(payload);
                break;
            case MessageType.StartPublication:
                DataChannelLog.Publication(logger, "listens");
                sender.SetPaused(false);
                break;
            case MessageType.PausePublication:
                DataChannelLog.Publication(logger, "does not listen");
                sender.SetPaused(true);
                break;
            default:
                break;
        }
    }

    public void Dispose() => _order.Dispose();

    private void OnOutputStreamData(in ClientMessageHeader header, ReadOnlySpan<byte> payload)
    {
        sender.SetPaused(false);
        var arrival = _order.OnArrival(header.SequenceNumber, header.PayloadType, payload);
        if (arrival == Arrival.Refused)
        {
            return;
        }

        sender.Acknowledge(header.MessageId, header.SequenceNumber);
        if (arrival == Arrival.Expected)
        {
            repairs.OnData(header.CreatedDateMilliseconds);
            Process(header.PayloadType, payload);
            _order.Advance();
            while (_order.TryPeek(out var payloadType, out var early))
            {
                Process(payloadType, early);
                _order.AdvancePeeked();
            }
        }

        _hasGap = _order.HasGap;
    }

    private void Process(PayloadType payloadType, ReadOnlySpan<byte> payload)
    {
        switch (payloadType)
        {
            case PayloadType.Output:
                data.Write(payload);
                Volatile.Write(ref _bytesReceived, _bytesReceived + payload.Length);
                break;
            case PayloadType.HandshakeRequest:
                var response = sender.SendControlAsync(PayloadType.HandshakeResponse, handshake.OnRequest(payload, out var refusal));
                if (refusal is not null)
                {
                    LastWord = response;
                    throw new DataChannelException(DataChannelError.HandshakeRefused, refusal);
                }

                break;
            case PayloadType.HandshakeComplete:
                if (handshake.OnComplete(payload) is { Length: > 0 } customerMessage)
                {
                    DataChannelLog.CustomerMessage(logger, ForeignText.Quote(customerMessage));
                }

                sender.AllowData();
                HandshakeCompleted.TrySetResult();
                break;
            case PayloadType.EncChallengeRequest:
                throw new DataChannelException(
                    DataChannelError.HandshakeRefused,
                    "The jump host's agent requires KMS encryption of the session, which RDS Tunnel does not support."
                );
            case PayloadType.Flag
                when payload.Length == sizeof(uint)
                    && BinaryPrimitives.ReadUInt32BigEndian(payload) == (uint)PayloadFlag.ConnectToPortError:
                ConnectToPortFailed?.Invoke();
                break;
            default:
                break;
        }
    }

    private void OnChannelClosed(ReadOnlySpan<byte> payload)
    {
        string? output;
        try
        {
            output = JsonSerializer.Deserialize(payload, DataChannelJson.Default.ChannelClosed)?.Output;
        }
        catch (JsonException)
        {
            // Whatever it says, the session is over.
            output = null;
        }

        if (!string.IsNullOrWhiteSpace(output))
        {
            DataChannelLog.ClosedWith(logger, ForeignText.Quote(output));
        }

        throw ClosingWords.Read(output, handshake.AgentVersion);
    }

    private void OnInvalid(ClientMessageError error)
    {
        Volatile.Write(ref _invalidMessages, _invalidMessages + 1);
        if (_errorsLogged.Add(error))
        {
            DataChannelLog.InvalidMessage(logger, error);
        }
    }
}
