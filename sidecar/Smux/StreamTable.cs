namespace RdsTunnel.Smux;

/// <summary>The streams of a session, and the failure that ended it. Thread-safe; its lock is taken last and calls nothing.</summary>
internal sealed class StreamTable(uint firstStreamId)
{
    // Guards all below.
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, SmuxStream> _streams = [];
    private SmuxException? _failure;
    private ulong _nextStreamId = firstStreamId;

    public int Count
    {
        get
        {
            lock (_gate)
                return _streams.Count;
        }
    }

    public SmuxException? Failure
    {
        get
        {
            lock (_gate)
                return _failure;
        }
    }

    /// <summary>Registers a stream under the next free id.</summary>
    /// <exception cref="SmuxException">The session has ended, or its ids have.</exception>
    public SmuxStream Open(Func<uint, SmuxStream> create)
    {
        lock (_gate)
        {
            if (_failure is not null)
                throw SmuxException.Again(_failure);
            if (_nextStreamId > uint.MaxValue)
                throw new SmuxException(SmuxError.StreamIdsExhausted, "The session has used all of its stream ids.");
            var stream = create((uint)_nextStreamId);
            _nextStreamId += 2;
            _streams.Add(stream.Id, stream);
            return stream;
        }
    }

    /// <summary>Registers a stream that the peer opened; false when its id is in use.</summary>
    public bool TryAdd(SmuxStream stream)
    {
        lock (_gate)
        {
            if (_failure is not null)
                throw SmuxException.Again(_failure);
            return _streams.TryAdd(stream.Id, stream);
        }
    }

    public SmuxStream? Find(uint streamId)
    {
        lock (_gate)
            return _streams.GetValueOrDefault(streamId);
    }

    public void Remove(SmuxStream stream)
    {
        lock (_gate)
            _streams.Remove(stream.Id);
    }

    public SmuxStream[] All()
    {
        lock (_gate)
            return [.. _streams.Values];
    }

    /// <summary>From here on nothing can be opened. True for the first failure, which is the one that stays.</summary>
    public bool TryFail(SmuxException failure)
    {
        lock (_gate)
        {
            if (_failure is not null)
                return false;
            _failure = failure;
            return true;
        }
    }
}
