namespace RdsTunnel.Databases.Redis.Cluster;

/// <summary>What a reply that names nodes looks like.</summary>
internal enum PeerReply
{
    Slots,
    Shards,

    /// <summary>Of <c>CLUSTER NODES</c>: a line for each.</summary>
    Nodes,

    /// <summary>Of <c>CLUSTER REPLICAS</c>: such lines, one in a bulk.</summary>
    Lines,

    /// <summary>Of EXEC, which has some of the others in it.</summary>
    Transaction,

    /// <summary>Of RESET, behind which the tool is signed in again. It names no nodes.</summary>
    Reset,
}

/// <param name="Index">Of the reply, counted from 0.</param>
/// <param name="Inside">Of a transaction: which of its replies, and what they are.</param>
internal sealed record ExpectedReply(long Index, PeerReply Kind, IReadOnlyDictionary<int, PeerReply>? Inside = null)
{
    /// <summary>How many replies it might have been.</summary>
    public int Tries { get; set; }
}

/// <summary>Which replies name nodes, as the commands tell that went before. Thread-safe: one writes while one reads.</summary>
/// <remarks>Replies are counted. That ends with commands that have any number of them (SUBSCRIBE,
/// MONITOR, CLIENT REPLY): from then on, a reply goes by its shape alone.</remarks>
internal sealed class ExpectedReplies
{
    /// <summary>A tool asks for its cluster once, and again after a failover.</summary>
    private const int MaxExpected = 256;

    /// <summary>By then its reply was an error. Only where replies are not counted.</summary>
    private const int MaxTries = 1000;

    private readonly Lock _gate = new();
    private readonly List<ExpectedReply> _expected = []; // guarded by _gate
    private bool _isCounted = true; // guarded by _gate
    private volatile bool _isOver;
    private volatile bool _hasReset; // there was one

    /// <summary>From now on it is another protocol: nothing is looked at any more.</summary>
    public bool IsOver => _isOver;

    public void Add(ExpectedReply reply)
    {
        lock (_gate)
        {
            if (_expected.Count == MaxExpected)
            {
                _expected.RemoveAt(0);
            }

            _expected.Add(reply);
            _hasReset |= reply.Kind == PeerReply.Reset;
        }
    }

    /// <summary>The RESET whose reply a line may be: where replies are not counted, it has to say so. Null for none.</summary>
    public ExpectedReply? ResetFor(long index, out bool isCounted)
    {
        isCounted = true;
        if (!_hasReset)
        {
            return null;
        }

        lock (_gate)
        {
            isCounted = _isCounted;
            return _expected.Find(each => each.Kind == PeerReply.Reset && (!_isCounted || each.Index == index));
        }
    }

    public void StopCounting()
    {
        lock (_gate)
        {
            _isCounted = false;
        }
    }

    public void End() => _isOver = true;

    /// <summary>What the reply with this number may be; empty for one that names no nodes.</summary>
    public IReadOnlyList<ExpectedReply> CandidatesFor(long index)
    {
        lock (_gate)
        {
            if (_expected.Count == 0)
            {
                return [];
            }

            if (!_isCounted)
            {
                _expected.RemoveAll(each => each.Kind != PeerReply.Reset && ++each.Tries > MaxTries);
                return [.. _expected];
            }

            _expected.RemoveAll(each => each.Index < index);
            return _expected is [var next, ..] && next.Index == index ? [next] : [];
        }
    }

    /// <summary>It has come, and none of those before it will.</summary>
    public void Remove(ExpectedReply reply)
    {
        lock (_gate)
        {
            _expected.RemoveRange(0, _expected.IndexOf(reply) + 1);
        }
    }
}
