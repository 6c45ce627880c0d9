using System.Buffers;
using System.IO.Pipelines;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>Takes bytes out of a pipe piece by piece without waiting; calls back once when there
/// are some again. For one thread at a time.</summary>
internal sealed class OutgoingBytes(PipeReader reader, Action onAvailable)
{
    private Task<ReadResult>? _pendingRead;
    private ReadOnlySequence<byte> _unread;
    private bool _isHolding;
    private bool _isCompleted;

    /// <summary>True when <see cref="Take"/> would give something; if not, the callback has been arranged.</summary>
    public bool HasBytes => _isHolding || TryRead();

    public int Take(Span<byte> destination)
    {
        if (!HasBytes)
        {
            return 0;
        }

        var count = (int)Math.Min(destination.Length, _unread.Length);
        _unread.Slice(0, count).CopyTo(destination);
        _unread = _unread.Slice(count);
        if (_unread.IsEmpty)
        {
            // From here on the segments belong to the pipe again.
            _isHolding = false;
            reader.AdvanceTo(_unread.End);
        }

        return count;
    }

    private bool TryRead()
    {
        while (!_isCompleted)
        {
            if (TryGetResult() is not { } result)
            {
                return false;
            }

            if (!result.Buffer.IsEmpty)
            {
                _unread = result.Buffer;
                return _isHolding = true;
            }

            reader.AdvanceTo(result.Buffer.End);
            _isCompleted = result.IsCompleted;
        }

        return false;
    }

    private ReadResult? TryGetResult()
    {
        if (_pendingRead is null && reader.TryRead(out var result))
        {
            return result;
        }

        if (_pendingRead is null)
        {
            _pendingRead = reader.ReadAsync(CancellationToken.None).AsTask();
            if (!_pendingRead.IsCompleted)
            {
                _pendingRead.GetAwaiter().UnsafeOnCompleted(onAvailable);
            }
        }

        if (!_pendingRead.IsCompleted)
        {
            return null;
        }

#pragma warning disable VSTHRD002 // It has completed: nothing waits.
        result = _pendingRead.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        _pendingRead = null;
        return result;
    }
}
