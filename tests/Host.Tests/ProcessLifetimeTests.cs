using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace RdsTunnel.Host.Tests;

public sealed class ProcessLifetimeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
    public void WatchParent_NoSuchProcess_IsRefused()
    {
        using var lifetime = New();
        Assert.Throws<ArgumentException>(() => lifetime.WatchParent(int.MaxValue));
    }

    private ProcessLifetime New() => new(_time, NullLogger<ProcessLifetime>.Instance);
}
