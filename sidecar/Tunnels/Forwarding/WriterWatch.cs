using Microsoft.Extensions.Logging;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Notices that a cluster has another writer. Connections that were made before lead to
/// the former one, which takes no writes any more. Thread-safe.</summary>
/// <remarks>A name is resolved when the agent connects, so nothing but AWS tells where a connection
/// leads. It is asked when the first connection has its answer,
/// and after the database has ended one. Nothing is asked while connections come and go as their clients want.</remarks>
/// <param name="connections">How many there are now.</param>
/// <param name="onChanged">The former writer and the present one; all connections that lead to the database by now are wrong.</param>
/// <param name="onKnown">The writer's name is another than was known, or is known for the first time.</param>
internal sealed class WriterWatch(
    FindWriter? find,
    Func<int> connections,
    Action<string, string> onChanged,
    Action onKnown,
    TimeProvider time,
    ILogger logger
) : IAsyncDisposable
{
    /// <summary>No more than one question in this time.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>A failover takes up to a minute, and begins with the end of connections: AWS may
    /// still name the former writer then.</summary>
    private const int QuestionsAfterAnEnd = 6;

    /// <summary>A connection that comes so long after the last one may lead to a writer that nobody here has heard of.</summary>
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private Task _asking = Task.CompletedTask;
    private int _questions;
    private long? _askedAt;
    private long _lastEndAt;
    private bool _isCurrent;
    private string? _writer;

    /// <summary>As AWS named it last; null while it is not known.</summary>
    public string? Writer
    {
        get
        {
            lock (_gate)
            {
                return _writer;
            }
        }
    }

    public void OnAnswered()
    {
        lock (_gate)
        {
            if (_isCurrent && connections() == 1 && time.GetElapsedTime(_lastEndAt) > KnownFor)
            {
                _isCurrent = false;
            }

            if (!_isCurrent || _questions > 0)
            {
                Ask(atLeast: 1);
            }
        }
    }

    /// <param name="byTarget">The database ended it, and not its client.</param>
    public void OnEnded(bool byTarget)
    {
        lock (_gate)
        {
            _lastEndAt = time.GetTimestamp();
            if (byTarget)
            {
                Ask(QuestionsAfterAnEnd);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        Task asking;
        lock (_gate)
        {
            asking = _asking;
        }

        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Under _gate.
    private void Ask(int atLeast)
    {
        if (find is null || _closing.IsCancellationRequested)
        {
            return;
        }

        _questions = Math.Max(_questions, atLeast);
        if (_asking.IsCompleted)
        {
            _asking = AskAsync(find);
        }
    }

    private async Task AskAsync(FindWriter find)
    {
        await Task.Yield();
        while (true)
        {
            var wait = TimeSpan.Zero;
            lock (_gate)
            {
                if (_askedAt is { } askedAt && time.GetElapsedTime(askedAt) is var passed && passed < Interval)
                {
                    wait = Interval - passed;
                }
            }

            await Task.Delay(wait, time, _closing.Token).ConfigureAwait(false);
            lock (_gate)
            {
                _askedAt = time.GetTimestamp();
            }

            var writer = await find(_closing.Token).ConfigureAwait(false);
            if (!OnFound(writer))
            {
                return;
            }
        }
    }

    /// <returns>False when nothing more is to be asked.</returns>
    private bool OnFound(string? writer)
    {
        string? former;
        bool isNews,
            isMoreToAsk;
        lock (_gate)
        {
            isNews = writer is not null && writer != _writer;
            former = isNews && _isCurrent ? _writer : null;
            _writer = writer ?? _writer;
            _isCurrent |= writer is not null;
            _questions = former is not null ? 0 : _questions - 1;
            // Where nothing is connected, nothing is wrong: the rest is asked with the next connection.
            isMoreToAsk = _questions > 0 && connections() > 0;
            if (!isMoreToAsk)
            {
                // Whoever asks from now on begins anew.
                _asking = Task.CompletedTask;
            }
        }

        if (isNews)
        {
            onKnown();
        }

        if (former is not null)
        {
            TunnelLog.WriterChanged(logger, former, writer!);
            onChanged(former, writer!);
        }

        return isMoreToAsk;
    }
}
