using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>Whatever fails for all is tried by one at a time, ever more rarely, and nobody waits for more than one attempt.</summary>
public sealed class SharedAttemptsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SharedAttempts _shared;
    private readonly List<TimeSpan> _waits = [];
    private int _attempts;

    public SharedAttemptsTests() =>
        _shared = new SharedAttempts(
            failure =>
                failure switch
                {
                    TimeoutException => TimeSpan.FromSeconds(5),
                    ArgumentException => null,
                    _ => TimeSpan.Zero,
                },
            _time
        );

    [Fact]
    public async Task RunAsync_NothingHasFailed_AllRunAtOnce()
    {
        var end = new TaskCompletionSource<int>();

        var runs = Enumerable.Range(0, 40).Select(_ => RunAsync(() => end.Task)).ToArray();

        Assert.Equal(40, _attempts);
        end.SetResult(1);
        await Task.WhenAll(runs);
    }

    [Fact]
    public async Task RunAsync_FailedTogether_CountsAsOneFailure()
    {
        var end = new TaskCompletionSource<int>();
        var runs = Enumerable.Range(0, 40).Select(_ => RunAsync(() => end.Task)).ToArray();
        end.SetException(new InvalidOperationException("all of them"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Task.WhenAll(runs));

        var next = RunAsync(() => Task.FromResult(1));

        Assert.InRange(Assert.Single(_waits), TimeSpan.FromMilliseconds(125), TimeSpan.FromMilliseconds(250));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(1, await next);
    }

    [Fact]
    public async Task RunAsync_GoesOnFailing_WaitsLongerAndLongerUpToFifteenSeconds()
    {
        for (var failure = 0; failure < 20; failure++)
        {
            await FailAsync();
        }

        Assert.Equal(19, _waits.Count);
        Assert.InRange(_waits[0], TimeSpan.FromMilliseconds(125), TimeSpan.FromMilliseconds(250));
        Assert.InRange(_waits[4], TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
        Assert.All(_waits[8..], wait => Assert.InRange(wait, TimeSpan.FromSeconds(7.5), TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task RunAsync_FailureAsksForAPause_WaitsAtLeastThatLong()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => RunAsync(() => throw new TimeoutException("throttled")));

        var next = RunAsync(() => Task.FromResult(1));
        Assert.Equal(TimeSpan.FromSeconds(5), Assert.Single(_waits));
        _time.Advance(TimeSpan.FromSeconds(5));
        await next;
    }

    [Fact]
    public async Task RunAsync_OneMakesTheAttempt_TheOthersShareItsFailure()
    {
        await FailAsync();
        var end = new TaskCompletionSource<int>();

        var runs = Enumerable.Range(0, 40).Select(_ => RunAsync(() => end.Task)).ToArray();
        Assert.Equal(1, _attempts);
        _time.Advance(TimeSpan.FromSeconds(1));
        end.SetException(new InvalidOperationException("again"));

        var failures = await Task.WhenAll(runs.Select(run => Assert.ThrowsAsync<InvalidOperationException>(() => run)));
        Assert.Equal(2, _attempts);
        Assert.Equal(39, failures.Count(failure => failure.Message == "shared: again"));
    }

    [Fact]
    public async Task RunAsync_TheAttemptSucceeds_TheOthersFollowAtOnce()
    {
        await FailAsync();
        var runs = Enumerable.Range(0, 40).Select(_ => RunAsync(() => Task.FromResult(1))).ToArray();

        _time.Advance(TimeSpan.FromSeconds(1));

        await Task.WhenAll(runs);
        Assert.Equal(41, _attempts);
        Assert.Single(_waits);
    }

    [Fact]
    public async Task RunAsync_TheOneThatWaitsIsCancelled_AnotherTakesItsPlace()
    {
        await FailAsync();
        using var cancellation = new CancellationTokenSource();
        var cancelled = RunAsync(() => Task.FromResult(1), cancellation.Token);
        var other = RunAsync(() => Task.FromResult(2));

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        while (_waits.Count < 2)
        {
            await Task.Yield();
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, await other);
    }

    [Fact]
    public async Task RunAsync_FailureConcernsNobodyElse_ResetsTheWait()
    {
        await FailAsync();
        await FailAsync();
        var own = RunAsync(() => throw new ArgumentException("its own"));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ArgumentException>(() => own);
        _waits.Clear();

        Assert.Equal(1, await RunAsync(() => Task.FromResult(1)));
        Assert.Empty(_waits);
    }

    private async Task FailAsync()
    {
        var run = RunAsync(() => throw new InvalidOperationException("it fails"));
        if (!run.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(15));
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => run);
    }

    private Task<int> RunAsync(Func<Task<int>> attempt, CancellationToken cancellationToken = default) =>
        _shared.RunAsync(
            () =>
            {
                Interlocked.Increment(ref _attempts);
                return attempt();
            },
            _waits.Add,
            failure => new InvalidOperationException($"shared: {failure.Message}"),
            cancellationToken
        );
}
