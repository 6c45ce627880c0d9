namespace RdsTunnel.Databases.MySql;

/// <summary>The two counts of a compressed connection: of its compressed packets, and of the
/// packets within. Thread-safe; one writes while one reads.</summary>
/// <remarks>
/// A command begins both at 0, and its answer goes on counting. A server keeps to that for
/// compressed packets alone: within, it goes on from the compressed
/// count whenever it flushes. A client that knows nothing of the compression takes that for lost
/// packets, so an answer is numbered anew for it. Which turn of
/// the client's an answer belongs to shows in its first compressed number; a client may send several commands before it reads.
/// </remarks>
internal sealed class Turns
{
    private readonly Lock _gate = new();

    // All below is guarded by _gate.
    private readonly Queue<Turn> _unanswered = new();
    private Turn? _last; // the last of the queue
    private Turn? _now; // what is being sent, and has no answer yet
    private byte _nextSent;
    private byte? _lastReceived;

    /// <summary>A command, whose counts begin at 0.</summary>
    /// <param name="hasAnswer">The server says something to it.</param>
    public void BeginCommand(bool hasAnswer) => Begin(compressed: _ => 0, hasAnswer);

    /// <summary>More of what the server has asked for: a file's content, a password.</summary>
    public void BeginReply() => Begin(compressed: last => (byte)(last + 1), hasAnswer: true);

    /// <param name="number">Of a packet that is sent.</param>
    public void OnPacket(byte number)
    {
        lock (_gate)
        {
            if (_now is not null)
            {
                _now.AnswerNumber = (byte)(number + 1);
            }
        }
    }

    /// <summary>The number of the compressed packet that is sent next.</summary>
    public byte NextCompressed()
    {
        lock (_gate)
        {
            var number = _nextSent++;
            if (_now is not null)
            {
                _now.AnswerCompressed = _nextSent;
            }

            return number;
        }
    }

    /// <summary>A compressed packet came.</summary>
    /// <param name="mayBeginAnswer">It does not begin in the middle of a packet.</param>
    /// <param name="next">Set to what its first packet is to be numbered, if it begins an answer.</param>
    public void OnReceived(byte compressed, bool mayBeginAnswer, ref byte next)
    {
        lock (_gate)
        {
            var goesOn = _lastReceived is { } last && compressed == (byte)(last + 1);
            _lastReceived = compressed;
            if (!mayBeginAnswer)
            {
                return;
            }

            if (!goesOn)
            {
                // Commands that nothing was said to.
                while (First is { } first && first.AnswerCompressed != compressed)
                {
                    Take(first);
                }
            }

            if (First is { } answered && answered.AnswerCompressed == compressed)
            {
                next = answered.AnswerNumber;
                Take(answered);
            }
        }
    }

    private Turn? First => _unanswered.TryPeek(out var first) ? first : _now;

    private void Begin(Func<byte, byte> compressed, bool hasAnswer)
    {
        lock (_gate)
        {
            if (_now is { } before)
            {
                if (_last is not null && (_last.AnswerCompressed, _last.AnswerNumber) == (before.AnswerCompressed, before.AnswerNumber))
                {
                    _last.Count++; // so small commands that wait for their answers, however many, are one
                }
                else
                {
                    _unanswered.Enqueue(_last = before);
                }
            }

            _nextSent = compressed(_lastReceived ?? 0);
            _now = hasAnswer ? new Turn() : null;
        }
    }

    private void Take(Turn turn)
    {
        if (turn == _now)
        {
            _now = null;
        }
        else if (--turn.Count == 0)
        {
            _unanswered.Dequeue();
            _last = _unanswered.Count == 0 ? null : _last;
        }
    }

    private sealed class Turn
    {
        public int Count = 1;
        public byte AnswerCompressed;
        public byte AnswerNumber;
    }
}
