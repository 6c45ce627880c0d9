using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Faults;

namespace RdsTunnel.Host.Tests;

public sealed class ProcessLifetimeTests
{
    private static readonly TimeSpan Patience = Hang.Limit;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Run_BodyEndsOnCancellation_GivesTheFirstReasonsExitCode()
    {
        using var lifetime = New();
        var running = lifetime.RunAsync(ending => Task.Delay(Timeout.InfiniteTimeSpan, _time, ending));
        lifetime.End("first", ExitCode.NotOpened);
        lifetime.End("second", ExitCode.Failed);
        Assert.Equal(ExitCode.NotOpened, await running.WaitAsync(Patience));
    }

    [Fact]
    public async Task End_WhenAllIsOver_DoesNothing()
    {
        var lifetime = New();
        Assert.Equal(ExitCode.Ended, await lifetime.RunAsync(_ => Task.CompletedTask).WaitAsync(Patience));
        lifetime.Dispose();
        lifetime.End("a signal that comes late", ExitCode.Failed);
        Assert.False(lifetime.Ending.IsCancellationRequested);
    }

    [Fact]
    public async Task Run_BodyDoesNotEnd_IsLeftAfterTheTimeAllowed()
    {
        using var lifetime = New();
        var running = lifetime.RunAsync(_ => new TaskCompletionSource().Task);
        _time.Advance(TimeSpan.FromHours(1));
        lifetime.End("asked to");
        _time.Advance(ProcessLifetime.EndTime - TimeSpan.FromMilliseconds(1));
        Assert.False(running.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ExitCode.NotClosed, await running.WaitAsync(Patience));
    }

    [Fact]
    public async Task Run_BodyThrows_IsAFailure()
    {
        using var lifetime = New();
        Assert.Equal(ExitCode.Failed, await lifetime.RunAsync(_ => throw new InvalidOperationException("bug")).WaitAsync(Patience));
    }

    [Fact]
    public async Task Observe_BackgroundTaskFails_EndsTheProcessAsFailed()
    {
        using var lifetime = New();
        var running = lifetime.RunAsync(ending => Task.Delay(Timeout.InfiniteTimeSpan, _time, ending));
        await lifetime.ObserveAsync(Task.FromException(new InvalidOperationException("bug")));
        Assert.Equal(ExitCode.Failed, await running.WaitAsync(Patience));
    }

    [Fact]
    public async Task Failure_OfWorkThatNobodyWaitsForAnyMore_IsLoggedAndNothingEnds()
    {
        var log = new LogOf303();
        using var lifetime = new ProcessLifetime(_time, log);
        var running = lifetime.RunAsync(ending => Task.Delay(Timeout.InfiniteTimeSpan, _time, ending));

        for (var attempt = 0; attempt < 1000 && log.Lines.IsEmpty; attempt++)
        {
            FailUnobserved();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Contains("failures since the start: 1", log.Lines.First(), StringComparison.Ordinal);
        Assert.False(lifetime.Ending.IsCancellationRequested);
        lifetime.End("the test is over");
        Assert.Equal(ExitCode.Ended, await running.WaitAsync(Patience));
    }

    [Fact]
    public async Task Failure_OfWorkThatWasLeftBehind_IsObserved()
    {
        var log = new LogOf303();
        using var lifetime = new ProcessLifetime(_time, log);

        for (var attempt = 0; attempt < 20; attempt++)
        {
            await LeaveBehindAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.DoesNotContain(log.Lines, line => line.Contains("left behind", StringComparison.Ordinal));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void FailUnobserved() => new TaskCompletionSource().SetException(new InvalidOperationException("bug"));

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static async Task LeaveBehindAsync()
    {
        var work = new TaskCompletionSource<int>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work.Task.WaitOrLeaveAsync(new CancellationToken(canceled: true)));
        work.SetException(new InvalidOperationException("left behind"));
    }

    [Fact]
    public void WatchParent_NoSuchProcess_IsRefused()
    {
        using var lifetime = New();
        Assert.Throws<ArgumentException>(() => lifetime.WatchParent(int.MaxValue, () => { }));
    }

    private sealed class LogOf303 : ILogger<ProcessLifetime>
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (eventId.Id == 703)
            {
                Lines.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }
    }

    private ProcessLifetime New() => new(_time, NullLogger<ProcessLifetime>.Instance);
}
