using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Host;

/// <summary>The ways in which this process ends, and the bound on how long its end may take. Thread-safe.</summary>
internal sealed partial class ProcessLifetime : IDisposable
{
    /// <summary>From the first reason to end until the process is gone.</summary>
    public static readonly TimeSpan EndTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ParentPollInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _deadline = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _closed = new();
    private readonly PosixSignalRegistration[] _signals;
    private readonly Lock _gate = new();
    private ITimer? _deadlineTimer; // guarded by _gate
    private int _unobserved; // changed atomically
    private int _exitCode; // guarded by _gate
    private bool _isDisposed; // guarded by _gate
    private ParentProcess? _parent; // guarded by _gate

    public ProcessLifetime(TimeProvider time, ILogger<ProcessLifetime> logger)
    {
        (_time, _logger) = (time, logger);
        Ending = _ending.Token;
        _signals =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(s =>
                PosixSignalRegistration.Create(s, OnSignal)
            ),
        ];
        TaskScheduler.UnobservedTaskException += OnUnobservedTaskException;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandledException;
    }

    /// <summary>Takes a signal in place of the end: the signals of a program that this one runs are
    /// that program's. False leaves it to this process.</summary>
    public Func<PosixSignal, bool>? HandOn { get; set; }

    /// <summary>Cancelled as soon as there is a reason to end.</summary>
    public CancellationToken Ending { get; }

    /// <summary>Runs <paramref name="body"/>, which ends itself, or closes everything on cancellation, and gives the exit code.</summary>
    public async Task<int> RunAsync(Func<CancellationToken, Task> body)
    {
        var running = Task.Run(() => body(Ending));
        if (await Task.WhenAny(running, _deadline.Task).ConfigureAwait(false) != running)
        {
            LogNotClosed(EndTime);
            return ExitCode.NotClosed;
        }

        try
        {
            await running.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested)
        {
            // As it was told to.
        }
        catch (Exception e)
        {
            Fail(e);
        }

        _closed.Set();
        lock (_gate)
        {
            return _exitCode;
        }
    }

    public void End(string reason, int exitCode = ExitCode.Ended)
    {
        lock (_gate)
        {
            if (_deadlineTimer is not null || _isDisposed)
            {
                return; // the first reason counts, and a signal may come when all is over
            }

            _exitCode = exitCode;
            _deadlineTimer = _time.CreateTimer(_ => _deadline.TrySetResult(), null, EndTime, Timeout.InfiniteTimeSpan);
        }

        LogEnding(reason);
        _ending.Cancel();
    }

    /// <summary>A background task without which this process is of no use: when it fails, the process ends with that failure.</summary>
    public async Task ObserveAsync(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested)
        {
            // As it was told to.
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>Says when the process with <paramref name="processId"/> is gone. Called at most once.</summary>
    /// <exception cref="ArgumentException">There is no such process.</exception>
    public void WatchParent(int processId, Action onGone)
    {
        var parent = new ParentProcess(processId);
        lock (_gate)
        {
            _parent = parent;
        }

        ParentWatch = ObserveAsync(PollAsync(parent, onGone));
    }

    public Task ParentWatch { get; private set; } = Task.CompletedTask;

    public void Dispose()
    {
        TaskScheduler.UnobservedTaskException -= OnUnobservedTaskException;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandledException;
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        lock (_gate)
        {
            _isDisposed = true;
        }

        _closed.Dispose();
        _ending.Dispose();
        _deadlineTimer?.Dispose();
        _parent?.Dispose();
    }

    private async Task PollAsync(ParentProcess parent, Action onGone)
    {
        using var timer = new PeriodicTimer(ParentPollInterval, _time);
        while (!parent.IsGone)
        {
            await timer.WaitForNextTickAsync(Ending).ConfigureAwait(false);
        }

        onGone();
    }

    private void Fail(Exception exception)
    {
        LogFailed(exception);
        End("After a failure", ExitCode.Failed);
    }

    // The first signal ends in good order; a second one, at once.
    private void OnSignal(PosixSignalContext context)
    {
        if (HandOn?.Invoke(context.Signal) == true)
        {
            context.Cancel = true;
            return;
        }

        context.Cancel = !Ending.IsCancellationRequested;
        End($"Received {context.Signal}");
    }

    // Whoever began that work is gone, a request that was cancelled, say. It is told, and nobody else's transfer ends for it.
    private void OnUnobservedTaskException(object? sender, UnobservedTaskExceptionEventArgs e)
    {
        LogUnobserved(Interlocked.Increment(ref _unobserved), e.Exception);
        e.SetObserved();
    }

    // The sessions are closed first. The runtime would print the exception, and whatever it quotes, and abort: so this process ends itself.
    private void OnUnhandledException(object? sender, UnhandledExceptionEventArgs e)
    {
        Fail((Exception)e.ExceptionObject);
        _closed.Wait(EndTime);
        Environment.Exit(ExitCode.Failed);
    }

    [LoggerMessage(700, LogLevel.Information, "{Reason}: ending")]
    private partial void LogEnding(string reason);

    [LoggerMessage(701, LogLevel.Error, "Shutdown timed out after {Time}; a session may stay open until its idle timeout")]
    private partial void LogNotClosed(TimeSpan time);

    [LoggerMessage(703, LogLevel.Error, "A background task failed; failures since the start: {Number}")]
    private partial void LogUnobserved(int number, Exception exception);

    [LoggerMessage(702, LogLevel.Critical, "Unexpected error, exiting")]
    private partial void LogFailed(Exception exception);
}
