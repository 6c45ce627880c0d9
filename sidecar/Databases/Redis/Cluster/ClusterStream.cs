using System.Buffers;
using RdsTunnel.Databases.Redis.Protocol;

namespace RdsTunnel.Databases.Redis.Cluster;

/// <summary>A signed-in connection whose replies name ports of this machine in place of the cluster's nodes.</summary>
/// <remarks>All other bytes pass in the buffer that they were read into. What is held back is one
/// reply that may name nodes, while it arrives; whatever is longer, or not understood, passes as it is.</remarks>
/// <param name="again">Signs the tool in again, whom a RESET has signed out; null where it signs in by itself.</param>
internal sealed class ClusterStream(Stream database, IClusterPeers peers, SignInAgain? again = null) : OuterStream(database)
{
    /// <summary>A thousand nodes, and all of their slots scattered.</summary>
    private const int MaxHeldBytes = 4 * 1024 * 1024;

    private readonly ExpectedReplies _expected = new();
    private readonly PeerAddresses _addresses = new(peers);
    private readonly RespFraming _framing = new();
    private ArrayBufferWriter<byte> _held = new();
    private RequestFollower? _requests;
    private IReadOnlyList<ExpectedReply>? _candidates; // of the reply that is held back; null while none is
    private bool _isInReply;
    private bool _isPush;
    private bool _isOver; // nothing is looked at any more
    private long _index; // of the reply that comes
    private ReadOnlyMemory<byte> _ready; // for the tool
    private ReadOnlyMemory<byte> _unread; // what was read behind it

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // First: the reply may be here before the write returns.
        _requests ??= new RequestFollower(_expected, stopsAtReset: again is not null);
        var followed = _requests.Follow(buffer.Span, out var isReset);
        return isReset ? ResetAsync(buffer, followed, cancellationToken) : Inner.WriteAsync(buffer, cancellationToken);
    }

    private async ValueTask ResetAsync(ReadOnlyMemory<byte> buffer, int followed, CancellationToken cancellationToken)
    {
        await Inner.WriteAsync(buffer[..followed], cancellationToken).ConfigureAwait(false);
        await again!.SendAsync(Inner, cancellationToken).ConfigureAwait(false);
        if (followed < buffer.Length)
        {
            await WriteAsync(buffer[followed..], cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) // it only waits
        {
            return _ready.IsEmpty && _unread.IsEmpty ? await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) : 0;
        }

        while (true)
        {
            if (!_ready.IsEmpty)
            {
                return Take(ref _ready, buffer.Span);
            }

            var isNew = _unread.IsEmpty;
            var before = _unread;
            var read = isNew ? await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) : Take(ref _unread, buffer.Span);
            if (read == 0)
            {
                if (_candidates is null)
                {
                    return 0;
                }

                LetGo(); // it is cut off
                continue;
            }

            var used = Follow(buffer.Span[..read], out var passed);
            if (used < read)
            {
                _unread = isNew ? buffer[used..read].ToArray() : before[used..];
            }

            if (passed > 0)
            {
                return passed;
            }
        }
    }

    private static int Take(ref ReadOnlyMemory<byte> from, Span<byte> into)
    {
        var part = Math.Min(from.Length, into.Length);
        from.Span[..part].CopyTo(into);
        from = from[part..];
        return part;
    }

    /// <param name="passed">How many of the bytes go to the tool as they are: the first ones, or none.</param>
    /// <returns>How many have been looked at.</returns>
    private int Follow(ReadOnlySpan<byte> bytes, out int passed)
    {
        passed = 0;
        try
        {
            while (passed < bytes.Length)
            {
                if (_isOver)
                {
                    return passed = bytes.Length;
                }

                if (!_isInReply)
                {
                    if (Begin(bytes[passed..]) is { } candidates)
                    {
                        if (passed > 0)
                        {
                            return passed; // these first
                        }

                        _candidates = candidates;
                    }

                    _isInReply = true;
                }

                var part = _framing.Consume(bytes[passed..]);
                if (_candidates is not null)
                {
                    return Hold(bytes[..part]);
                }

                passed += part;
                End();
            }

            return passed;
        }
        catch (MalformedRespException)
        {
            // It is passed as it is, and the tool may make of it what it can.
            _isOver = true;
            if (_candidates is not null)
            {
                LetGo();
                passed = 0;
                return 0;
            }

            return passed = bytes.Length;
        }
    }

    /// <returns>What the reply that begins may be; null for one that passes.</returns>
    private IReadOnlyList<ExpectedReply>? Begin(ReadOnlySpan<byte> bytes)
    {
        _isOver = _expected.IsOver;
        _isPush = bytes[0] == (byte)'>';
        return (char)bytes[0] switch
        {
            _ when _isOver => null,
            _ when again is { IsNext: true } && !_isPush => [],
            var type and ('+' or '-') when _expected.ResetFor(_index, out var isCounted) is { } reset && (isCounted || type == '+') =>
            [
                reset,
            ],
            // "-MOVED", "-ASK"
            '-' => bytes is [_] or [_, (byte)'M' or (byte)'A', ..] ? [] : null,
            '*' or '%' or '$' or '=' => _expected.CandidatesFor(_index) is { Count: > 0 } candidates ? candidates : null,
            _ => null,
        };
    }

    private int Hold(ReadOnlySpan<byte> part)
    {
        _held.Write(part);
        if (_framing.IsComplete && again is { IsNext: true } && !_isPush)
        {
            again.Judge(_held.WrittenSpan);
            LetGo(default);
            _index--; // nobody has asked for it
            End();
        }
        else if (_framing.IsComplete)
        {
            LetGo(Changed(_held.WrittenMemory, _candidates!));
            End();
        }
        else if (_held.WrittenCount > MaxHeldBytes)
        {
            LetGo(); // the rest of it passes
        }

        return part.Length;
    }

    private void End()
    {
        if (_framing.IsComplete)
        {
            _framing.BeginNext();
            _index += _isPush ? 0 : 1;
            _isInReply = false;
        }
    }

    // Its bytes are the tool's now.
    private void LetGo() => LetGo(_held.WrittenMemory);

    private void LetGo(ReadOnlyMemory<byte> ready)
    {
        (_ready, _held) = (ready, new());
        _candidates = null;
    }

    private ReadOnlyMemory<byte> Changed(ReadOnlyMemory<byte> reply, IReadOnlyList<ExpectedReply> candidates)
    {
        if (candidates is [{ Kind: PeerReply.Reset } reset])
        {
            // One that is counted may be an error: the server doesn't know RESET, and takes the AUTH all the same.
            if (reply.Span[0] == (byte)'-' || reply.Span.SequenceEqual("+RESET\r\n"u8))
            {
                _expected.Remove(reset);
                again!.IsNext = true;
            }

            return reply;
        }

        if (candidates.Count == 0)
        {
            return _addresses.OfError(reply.Span) ?? reply;
        }

        try
        {
            var value = RespValue.Parse(reply);
            foreach (var candidate in candidates)
            {
                if (_addresses.Of(value, candidate) is { } changed)
                {
                    _expected.Remove(candidate);
                    return _addresses.HasFound ? changed.ToBytes() : reply;
                }
            }
        }
        catch (MalformedRespException)
        {
            // None of a cluster's.
        }

        return reply;
    }
}
