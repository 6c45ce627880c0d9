namespace RdsTunnel.DataChannels.Reliability;

/// <summary>
/// Tells whether the node is sending again what was lost: it repairs a few messages a second, and
/// whatever it sends meanwhile has to wait for them.
/// For the reader of the links; <see cref="IsRepairing"/> and <see cref="MayBeRepairing"/> are thread-safe.
/// </summary>
/// <remarks>
/// The node stamps a message when it makes it, and sends it again with the same stamp. An
/// acknowledgement is never sent again, so the last one tells how old a message is that
/// came straight away, whatever the clocks say. Data that is older by more than the way varies, or
/// that was made before the present link, was lost the first time.
/// </remarks>
internal sealed class RepairWatch(TimeProvider time)
{
    /// <summary>More than a queue on the way holds a message up.</summary>
    private const long LateMilliseconds = 1_000;

    /// <summary>By so much two messages on a new link may differ.</summary>
    private const long JitterMilliseconds = 100;

    /// <summary>Two repairs are a round trip and a tenth of a second apart.</summary>
    private const long LastingMilliseconds = 2_000;

    /// <summary>Of a transfer that was under way so shortly before a cut, something was lost. A few answers are none.</summary>
    private const long UnderWayMilliseconds = 1_000;

    private const int TransferMessages = 20;

    private readonly long _start = time.GetTimestamp();
    private long _plainAge; // of an acknowledgement, by a clock that begins anywhere; the handshake brings the first
    private long _secondBegan = -UnderWayMilliseconds;
    private int _messages; // since the second began
    private bool _wasTransfer; // in the second before it
    private long _linkSince = -LateMilliseconds;
    private bool _wasReceiving;

    // Written by the reader, read by all.
    private long _repairsUntil;
    private long _mayRepairUntil;

    /// <summary>It was seen to do so a moment ago.</summary>
    public bool IsRepairing => Volatile.Read(ref _repairsUntil) is > 0 and var until && Now < until;

    /// <summary>It was seen to do so, or messages were on their way when the link before this one was lost.</summary>
    public bool MayBeRepairing => IsRepairing || (Volatile.Read(ref _mayRepairUntil) is > 0 and var until && Now < until);

    private long Now => (long)time.GetElapsedTime(_start).TotalMilliseconds;

    /// <param name="created">The message's stamp, in milliseconds; a hostile one may be any number.</param>
    public void OnAcknowledge(long created) => _plainAge = unchecked(Now - created);

    /// <summary>Data has arrived that is the next in order.</summary>
    /// <inheritdoc cref="OnAcknowledge"/>
    public void OnData(long created)
    {
        var now = Now;
        Count(now);
        var late = unchecked(now - created - _plainAge);
        var sinceLink = now - _linkSince;
        if (late > Math.Min(LateMilliseconds, sinceLink + JitterMilliseconds))
        {
            Volatile.Write(ref _repairsUntil, now + LastingMilliseconds);
        }
        else if (late < sinceLink - JitterMilliseconds)
        {
            Volatile.Write(ref _repairsUntil, 0);
            Volatile.Write(ref _mayRepairUntil, 0);
        }
    }

    public void OnLinkLost()
    {
        Count(Now);
        _wasReceiving = _wasTransfer || _messages > TransferMessages;
    }

    private void Count(long now)
    {
        if (now - _secondBegan >= UnderWayMilliseconds)
        {
            _wasTransfer = now - _secondBegan < 2 * UnderWayMilliseconds && _messages >= TransferMessages;
            (_secondBegan, _messages) = (now, 0);
        }

        _messages++;
    }

    /// <summary>Another link is there.</summary>
    public void OnLink()
    {
        _linkSince = Now;
        if (_wasReceiving)
        {
            Volatile.Write(ref _mayRepairUntil, _linkSince + LastingMilliseconds);
        }
    }
}
