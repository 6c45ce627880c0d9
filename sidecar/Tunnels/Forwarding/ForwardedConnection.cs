using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RdsTunnel.DataChannels;
using RdsTunnel.Faults;
using RdsTunnel.Loopback;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Copies between one local connection and the target until either ends.</summary>
/// <remarks>
/// The target's end is delivered after all of its data. A local end is passed on only when no answer can be waited for any more, since
/// the agent knows no half-closed connection. Whatever else goes wrong resets the local connection: it is never left hanging.
/// </remarks>
internal sealed class ForwardedConnection(
    Socket socket,
    ForwardingCounters counters,
    IConnectionObserver observer,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>How much is read from the local socket at once: a turn of the session.</summary>
    private const int ReadBytes = 16 * 1024;

    /// <summary>An old agent does not tell the end of an answer: after this silence it counts as over.</summary>
    private static readonly TimeSpan UntoldEndSilence = TimeSpan.FromSeconds(5);

    /// <summary>A client that closes its connection looks, for a moment, like one that only shuts down its sending side.</summary>
    private static readonly TimeSpan FirstLookForPeer = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan LastLookForPeer = TimeSpan.FromSeconds(1);

    private long _bytesUp;
    private long _bytesDown;
    private readonly long _acceptedAt = time.GetTimestamp();
    private long _startedAt;
    private int _isAnswered; // 1: the observer knows
    private readonly TaskCompletionSource<Exception> _reset = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isRunning;
    private volatile bool _hasTargetEnded;
    private volatile bool _isRefused;

    private SignedInPipe? _signedIn; // set before it runs
    private LocalEnd _local = new(socket, tls: null); // likewise

    private bool HasAnswered => _signedIn is not null || Interlocked.Read(ref _bytesDown) > 0;

    private bool HasCarried => _signedIn is not null || Interlocked.Read(ref _bytesUp) > 0 || Interlocked.Read(ref _bytesDown) > 0;

    /// <summary>The target has closed it, in order, before its client did.</summary>
    public bool HasTargetEndedIt { get; private set; }

    /// <summary>Resets it if it leads anywhere by now; one that still waits for a session is left alone.</summary>
    public void Reset(Exception reason)
    {
        if (_isRunning)
        {
            _reset.TrySetResult(reason);
        }
    }

    /// <summary>Copies until the connection is over, and closes the local end.</summary>
    /// <param name="signedIn">The plain text of a connection that was signed in; null where bytes go through as they are.</param>
    /// <returns>False when the session's agent is silent and nothing has gone either way yet: the
    /// local end is still open, for another session.</returns>
    public async Task<bool> RunAsync(PortConnection connection, SignedInPipe? signedIn, CancellationToken cancellationToken)
    {
        _signedIn = signedIn;
        _local = new LocalEnd(socket, signedIn?.ToolTls);
        _startedAt = time.GetTimestamp();
        _isRunning = true;
        using var reset = cancellationToken.UnsafeRegister(static self => ((ForwardedConnection)self!).ResetLocal(), this);
        using var leaving = new CancellationTokenSource();
        var up = CopyUpAsync(connection, leaving.Token);
        var down = CopyDownAsync(connection);
        var failure = await EndOfAsync(connection, up, down).ConfigureAwait(false);
        if (failure is DataChannelException { Error: DataChannelError.PeerUnresponsive } && !HasCarried)
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            connection.Abort();
            await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Something may have come in this very moment.
            if (up.IsCanceled && !HasCarried)
            {
                _isRunning = false;
                await connection.Session.ReleaseAsync(connection).ConfigureAwait(false);
                return false;
            }
        }

        if (failure is not null)
        {
            OnBroken(connection, failure);
        }

        connection.Abort();
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.Session.ReleaseAsync(connection).ConfigureAwait(false);
        socket.Dispose();
        return true;
    }

    /// <summary>Its target has answered.</summary>
    public void OnAnswered(PortConnection connection)
    {
        if (Interlocked.Exchange(ref _isAnswered, 1) == 0)
        {
            observer.OnAnswered(connection, time.GetElapsedTime(_acceptedAt));
        }
    }

    /// <summary>Resets the local connection of which nothing can become.</summary>
    public void ResetLocal()
    {
        try
        {
            // Lingering for no time makes close() send RST: the client sees an error at once rather than a clean end.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has gone by itself.
        }

        socket.Dispose();
    }

    // Null when both ends have closed the connection in order.
    private async Task<Exception?> EndOfAsync(PortConnection connection, Task up, Task down)
    {
        try
        {
            // A reset shows in Completion first: a direction may be waiting for a local reader that has stopped.
            var first = await FirstAsync(connection, up, down, connection.Completion).ConfigureAwait(false);
            var isByTarget = first != up;
            if (first == up)
            {
                await up.ConfigureAwait(false);
                first = await FirstAsync(connection, down, connection.Completion).ConfigureAwait(false);
            }

            await first.ConfigureAwait(false);
            await down.ConfigureAwait(false);
            HasTargetEndedIt = isByTarget;
            if (_isRefused)
            {
                // As the client would see it without a tunnel.
                throw connection.Refusal();
            }

            await _local.EndAsync().ConfigureAwait(false);
            if (connection.TellsEnd)
            {
                // What the local side has sent goes out before the end does.
                await connection.Completion.ConfigureAwait(false);
            }

            return null;
        }
        catch (IOException e) when (_signedIn is not null && e.InnerException is not null)
        {
            return e.InnerException; // TLS has put its own around it
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private IDuplexPipe PipeOf(PortConnection connection) => _signedIn ?? connection.Pipe;

    // A connection that has had an answer waits: the agent may recover, and may already have run the last request.
    private async Task<Task> FirstAsync(PortConnection connection, params Task[] ends)
    {
        var silenced = connection.Session.Silenced;
        var first = await Task.WhenAny([silenced, _reset.Task, .. ends]).ConfigureAwait(false);
        if (first == silenced)
        {
            first = !HasAnswered
                ? throw connection.Session.SilenceFailure()
                : await Task.WhenAny([_reset.Task, .. ends]).ConfigureAwait(false);
        }

        return first == _reset.Task ? throw await _reset.Task.ConfigureAwait(false) : first;
    }

    private void OnBroken(PortConnection connection, Exception failure)
    {
        if (failure is SocketException or ObjectDisposedException)
        {
            TunnelLog.LocalReset(logger, connection.Session.Id, SafeText.Describe(failure));
            OnClientGone(connection);
            ResetLocal();
        }
        else
        {
            TunnelLog.ConnectionReset(logger, connection.Session.Id, SafeText.Describe(failure));
            ResetLocal();
            observer.OnReset(failure);
        }
    }

    private async Task CopyUpAsync(PortConnection connection, CancellationToken leaving)
    {
        var output = PipeOf(connection).Output;
        while (true)
        {
            // An idle connection holds no buffer: the empty read waits until there is something.
            await _local.ReceiveAsync(Memory<byte>.Empty, HasCarried ? CancellationToken.None : leaving).ConfigureAwait(false);
            var received = await _local.ReceiveAsync(output.GetMemory(ReadBytes), CancellationToken.None).ConfigureAwait(false);
            if (received == 0)
            {
                break;
            }

            output.Advance(received);
            Interlocked.Add(ref _bytesUp, received);
            counters.AddUp(received);
            var flushed = await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                return;
            }
        }

        await EndUpAsync(connection).ConfigureAwait(false);
    }

    private void OnClientGone(PortConnection connection)
    {
        if (!_hasTargetEnded && !HasAnswered)
        {
            observer.OnGivenUp(connection, time.GetElapsedTime(_startedAt), Interlocked.Read(ref _bytesUp) > 0);
        }
    }

    private async Task EndUpAsync(PortConnection connection)
    {
        if (!connection.TellsEnd)
        {
            await WaitForSilenceAsync().ConfigureAwait(false);
            connection.Abort();
            return;
        }

        if (_signedIn is not null)
        {
            await _signedIn.EndOutputAsync().ConfigureAwait(false);
        }

        await connection.Pipe.Output.CompleteAsync().ConfigureAwait(false);
        if (!OperatingSystem.IsLinux())
        {
            OnClientGone(connection); // as far as anybody can tell there
        }

        for (
            var pause = FirstLookForPeer;
            !connection.Completion.IsCompleted;
            pause = pause < LastLookForPeer ? pause * 2 : LastLookForPeer
        )
        {
            if (LoopbackPeer.IsGone(socket))
            {
                OnClientGone(connection);
                // Nobody is left to read an answer: let the agent close the connection as soon as it has all that was sent.
                PipeOf(connection).Input.CancelPendingRead();
                return;
            }

            await connection.Completion.WaitAsync(pause, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CopyDownAsync(PortConnection connection)
    {
        var input = PipeOf(connection).Input;
        while (true)
        {
            var result = await input.ReadAsync().ConfigureAwait(false);
            if (!result.Buffer.IsEmpty && Interlocked.Read(ref _bytesDown) == 0)
            {
                OnAnswered(connection);
            }

            foreach (var segment in result.Buffer)
            {
                await _local.SendAsync(segment).ConfigureAwait(false);
            }

            Interlocked.Add(ref _bytesDown, result.Buffer.Length);
            counters.AddDown(result.Buffer.Length);
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                _hasTargetEnded = true;
                _isRefused = result.IsCompleted && !HasAnswered && connection.MayBeRefused;
                if (connection.TellsEnd)
                {
                    await input.CompleteAsync().ConfigureAwait(false);
                    await connection.Pipe.Input.CompleteAsync().ConfigureAwait(false);
                }

                return;
            }
        }
    }

    private async Task WaitForSilenceAsync()
    {
        for (long before = -1, now = Interlocked.Read(ref _bytesDown); now != before; before = now, now = Interlocked.Read(ref _bytesDown))
        {
            await Task.Delay(UntoldEndSilence, time).ConfigureAwait(false);
        }
    }
}
