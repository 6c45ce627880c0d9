using System.Buffers.Binary;
using System.IO.Pipelines;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Reliability;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>The owner of the wire: one loop decides what goes out next, and writes it. Outlives links.</summary>
/// <remarks>Acknowledgements go first, then what has to be sent again, then handshake and flags,
/// then data. Thread-safe but for <see cref="RunAsync"/>.</remarks>
internal sealed class MessageSender : IAsyncDisposable
{
    /// <summary>How long the node may leave a message unacknowledged while the link is up.</summary>
    private static readonly TimeSpan UnresponsiveAfter = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly int _maxPayloadBytes;
    private readonly OutgoingBytes _data;
    private readonly WakeSignal _wake = new();
    private readonly ITimer _timer;
    private readonly AcknowledgeQueue _acknowledges;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly SendWindow _window;
    private readonly ConnectedClock _clock;
    private readonly Queue<(PayloadType PayloadType, byte[] Payload, TaskCompletionSource Sent)> _control = new();
    private (byte[] Payload, TaskCompletionSource Sent)? _flagAfterData;
    private TaskCompletionSource? _drained;
    private IDataChannelLink? _link;
    private TimeSpan _attachedAt;
    private bool _isDataAllowed;
    private bool _isQuick;
    private bool _isPaused;
    private long _bytesSent;

    private volatile bool _isStopped;

    public MessageSender(PipeReader data, int maxPayloadBytes, TimeProvider time)
    {
        _time = time;
        _maxPayloadBytes = maxPayloadBytes;
        _acknowledges = new AcknowledgeQueue(time);
        _window = new SendWindow(ClientMessageCodec.OverheadBytes + maxPayloadBytes);
        _clock = new ConnectedClock(time);
        _data = new OutgoingBytes(data, _wake.Set);
        _timer = time.CreateTimer(static state => ((WakeSignal)state!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public (long BytesSent, TimeSpan? RoundTripTime, long Retransmissions) Statistics
    {
        get
        {
            lock (_gate)
            {
                return (_bytesSent, _window.SmoothedRoundTripTime, _window.Retransmissions);
            }
        }
    }

    /// <summary>How long the oldest message that the node has not acknowledged has been under way
    /// on the present link; zero when there is none.</summary>
    public TimeSpan UnacknowledgedFor
    {
        get
        {
            lock (_gate)
            {
                return _window.OldestFirstSentAt is { } oldest
                    ? _clock.ConnectedNow - (oldest > _attachedAt ? oldest : _attachedAt)
                    : TimeSpan.Zero;
            }
        }
    }

    /// <summary>From now on messages go out on <paramref name="link"/>, beginning with all that is unacknowledged.</summary>
    public void Attach(IDataChannelLink link)
    {
        lock (_gate)
        {
            _link = link;
            _acknowledges.SetLink(!_isStopped);
            _isPaused = false;
            _clock.OnConnected();
            _attachedAt = _clock.ConnectedNow;
            _window.OnNewLink(_clock.Now);
        }

        _wake.Set();
    }

    /// <summary>Stops using <paramref name="link"/>, unless another one has taken its place.</summary>
    public void Detach(IDataChannelLink link)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_link, link))
            {
                _link = null;
                _clock.OnDisconnected();
                _acknowledges.SetLink(isThere: false);
            }
        }
    }

    /// <summary>Queues an acknowledgement. See <see cref="WhenKeepingUpAsync"/>.</summary>
    public void Acknowledge(Guid messageId, long sequenceNumber)
    {
        _acknowledges.Add(messageId, sequenceNumber);
        _wake.Set();
    }

    /// <inheritdoc cref="AcknowledgeQueue.WhenKeepingUpAsync"/>
    public Task WhenKeepingUpAsync() => _acknowledges.WhenKeepingUpAsync();

    public void OnAcknowledge(long sequenceNumber, Guid messageId)
    {
        TaskCompletionSource? drained = null;
        lock (_gate)
        {
            _isPaused = false;
            _window.OnAcknowledge(sequenceNumber, messageId, _clock.Now);
            if (_window.IsEmpty)
            {
                (drained, _drained) = (_drained, null);
            }
        }

        drained?.TrySetResult();
        _wake.Set();
    }

    /// <summary>A hint of the service. Any sign of life from the peer takes it back.</summary>
    public void SetPaused(bool isPaused)
    {
        lock (_gate)
        {
            if (_isPaused == isPaused)
            {
                return;
            }

            _isPaused = isPaused;
        }

        _wake.Set();
    }

    /// <summary>The handshake is complete: data may go out from now on.</summary>
    public void AllowData()
    {
        lock (_gate)
        {
            _isDataAllowed = true;
            _isQuick = true;
        }

        _wake.Set();
    }

    /// <summary>Queues a numbered message that goes ahead of data; completes when it is out, or never will be.</summary>
    public Task SendControlAsync(PayloadType payloadType, byte[] payload)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isStopped)
            {
                return Task.CompletedTask;
            }

            _control.Enqueue((payloadType, payload, sent));
        }

        _wake.Set();
        return sent.Task;
    }

    /// <summary>Sends a flag once the data that has been written before it is out; completes when it is.</summary>
    public Task SendFlagAfterDataAsync(PayloadFlag flag)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isStopped)
            {
                return Task.CompletedTask;
            }

            _flagAfterData = (FlagPayload(flag), sent);
        }

        _wake.Set();
        return sent.Task;
    }

    /// <summary>Completes when everything that was sent has been acknowledged.</summary>
    public Task WhenAcknowledgedAsync()
    {
        lock (_gate)
        {
            if (_isStopped || (_window.IsEmpty && _control.Count == 0))
            {
                return Task.CompletedTask;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    public static byte[] FlagPayload(PayloadFlag flag)
    {
        var payload = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)flag);
        return payload;
    }

    /// <summary>Runs until <see cref="Stop"/>.</summary>
    /// <exception cref="DataChannelException">The node has not acknowledged anything for minutes.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IDataChannelLink? previous = null;
        while (!_isStopped)
        {
            await _wake.WaitAsync().ConfigureAwait(false);
            IDataChannelLink? link;
            lock (_gate)
            {
                link = _link;
            }

            if (link is null || _isStopped)
            {
                continue;
            }

            if (!ReferenceEquals(link, previous))
            {
                previous = link;
                _acknowledges.RepeatRecent();
            }

            try
            {
                link.BeginBatch();
                while (await SendNextAsync(link, cancellationToken).ConfigureAwait(false)) { }

                await link.EndBatchAsync(cancellationToken).ConfigureAwait(false);
                ArmTimer();
            }
            catch (LinkException)
            {
                // The reader of the same link meets the same failure, and has it replaced, or has done so already.
                Detach(link);
                await link.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    public void Stop()
    {
        var waiters = new List<TaskCompletionSource?>();
        lock (_gate)
        {
            _isStopped = true;
            waiters.Add(_drained);
            _acknowledges.SetLink(isThere: false);
            waiters.Add(_flagAfterData?.Sent);
            waiters.AddRange(_control.Select(control => control.Sent));
            _control.Clear();
        }

        waiters.ForEach(waiter => waiter?.TrySetResult());
        _wake.Set();
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private async ValueTask<bool> SendNextAsync(IDataChannelLink link, CancellationToken cancellationToken)
    {
        if (_acknowledges.TryTake(out var acknowledge))
        {
            await link.SendAsync(acknowledge, cancellationToken).ConfigureAwait(false);
            return true;
        }

        var message = NextMessage(link);
        if (message is null)
        {
            return false;
        }

        await link.SendAsync(message.Bytes, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private OutgoingMessage? NextMessage(IDataChannelLink link)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_link, link) || _isStopped)
            {
                return null;
            }

            if (_window.TakeRetransmission(_clock.Now) is { } retransmission)
            {
                ClientMessageCodec.ReplaceMessageId(retransmission.Buffer, retransmission.MessageId);
                return retransmission;
            }

            if (!_window.IsFull && _control.TryDequeue(out var control))
            {
                control.Sent.TrySetResult();
                return Numbered(control.PayloadType, control.Payload);
            }

            // While the service says that the node has gone, one message at a time goes out as a probe.
            if (!_isDataAllowed || (_isPaused && !_window.IsEmpty))
            {
                return null;
            }

            var hasBytes = _data.HasBytes;
            if (!_window.HasRoom)
            {
                if (hasBytes)
                {
                    _window.OnBlocked();
                }

                return null;
            }

            if (!hasBytes)
            {
                return TakeFlagAfterData();
            }

            var message = _window.Reserve();
            var payloadBytes = _data.Take(message.Buffer.Slice(ClientMessageCodec.OverheadBytes, _maxPayloadBytes));
            _bytesSent += payloadBytes;
            Commit(message, PayloadType.Output, payloadBytes, _isQuick);
            _isQuick = false;
            return message;
        }
    }

    private OutgoingMessage? TakeFlagAfterData()
    {
        if (_flagAfterData is not { } flag)
        {
            return null;
        }

        _flagAfterData = null;
        flag.Sent.TrySetResult();
        return Numbered(PayloadType.Flag, flag.Payload);
    }

    private OutgoingMessage Numbered(PayloadType payloadType, byte[] payload)
    {
        var message = _window.Reserve();
        message.EnsureRoom(ClientMessageCodec.OverheadBytes + payload.Length);
        payload.CopyTo(message.Buffer[ClientMessageCodec.OverheadBytes..]);
        Commit(message, payloadType, payload.Length, isQuick: false);
        return message;
    }

    private void Commit(OutgoingMessage message, PayloadType payloadType, int payloadBytes, bool isQuick)
    {
        var header = new ClientMessageHeader(
            MessageType.InputStreamData,
            NowMilliseconds,
            message.SequenceNumber,
            Flags: 0,
            message.MessageId,
            payloadType
        );
        message.LengthBytes = ClientMessageCodec.WriteAround(message.Buffer, header, payloadBytes);
        _window.Commit(_clock.Now, _clock.ConnectedNow, isQuick);
    }

    private long NowMilliseconds => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private void ArmTimer()
    {
        lock (_gate)
        {
            if (_window.OldestFirstSentAt is { } oldest && _clock.ConnectedNow - oldest > UnresponsiveAfter)
            {
                throw new DataChannelException(
                    DataChannelError.PeerUnresponsive,
                    $"The jump host's agent has not acknowledged anything for {UnresponsiveAfter.TotalMinutes:F0} minutes, although the connection to AWS is up. "
                        + "Check that the instance is running and its SSM agent is healthy."
                );
            }

            if (_window.NextTimeout is { } timeout && !_isStopped)
            {
                var due = timeout - _clock.Now;
                _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
