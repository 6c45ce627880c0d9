using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Reliability;
using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>Receives on the present link, and replaces it when it is lost. The only reader of
/// websockets, and the only one that reconnects.</summary>
/// <remarks><see cref="Hurry"/>, <see cref="ExpectEnd"/>, <see cref="Link"/>, <see cref="Resumes"/>
/// and <see cref="Failure"/> are thread-safe.</remarks>
internal sealed class LinkLoop(
    IDataChannelSession session,
    LinkOpener opener,
    MessageSender sender,
    MessageReceiver receiver,
    RepairWatch repairs,
    PipeWriter incoming,
    LinkRetries retries,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>Bytes that are kept from the reader while more messages are at hand.</summary>
    private const int MaxUnflushedBytes = 32 * 1024;

    private readonly Backoff _backoff = new(time);
    private volatile IDataChannelLink? _link;
    private volatile Exception? _failure;
    private long _resumes;
    private volatile bool _isEnding;
    private bool _isHurried; // by any thread, with Interlocked

    /// <summary>The link at hand is gone, with the reason of the last attempt to replace it if
    /// there was one; or another one is there.</summary>
    public event Action<DataChannelStateChange>? StateChanged;

    /// <summary>Null while there is none.</summary>
    public IDataChannelLink? Link => _link;

    /// <summary>Links that have replaced others.</summary>
    public long Resumes => Volatile.Read(ref _resumes);

    /// <summary>Why there is no link now.</summary>
    public Exception? Failure => _failure;

    private bool IsHandshakeOver => receiver.HandshakeCompleted.Task.IsCompleted;

    /// <summary>Somebody waits: an attempt that is put off is made now, and the waits begin with short ones again.</summary>
    public void Hurry()
    {
        Interlocked.Exchange(ref _isHurried, true);
        _backoff.Hurry();
    }

    /// <summary>The session is being ended on purpose: a link that goes now is not replaced.</summary>
    public void ExpectEnd() => _isEnding = true;

    /// <summary>The link of a session that has just been started.</summary>
    /// <exception cref="DataChannelException">None can be opened, or the session is over already.</exception>
    /// <exception cref="Exception">What the session throws, or gives for a refusal.</exception>
    public async Task<IDataChannelLink> OpenFirstAsync(DataChannelAccess access, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await opener.OpenAsync(access, cancellationToken).ConfigureAwait(false);
            }
            catch (LinkException e)
            {
                await WaitAfterAsync(e, wasUseful: false, cancellationToken).ConfigureAwait(false);
            }

            access = await ResumeAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs until it is cancelled.</summary>
    /// <exception cref="DataChannelException">The channel is over.</exception>
    public async Task RunAsync(IDataChannelLink link, CancellationToken cancellationToken)
    {
        while (true)
        {
            _link = link;
            _failure = null;
            sender.Attach(link);
            var received = receiver.Messages;
            try
            {
                await ReceiveAsync(link, cancellationToken).ConfigureAwait(false);
            }
            catch (LinkException) when (_isEnding)
            {
                // As it was asked to.
            }
            catch (LinkException e)
            {
                DataChannelLog.LinkLost(logger, e.Message);
                _failure = e;
            }
            catch (DataChannelException)
            {
                // While there is a link, the node is told what this client does not do.
                await receiver.LastWord.WaitAsync(cancellationToken).ConfigureAwait(false);
                throw;
            }
            finally
            {
                _link = null;
                repairs.OnLinkLost();
                sender.Detach(link);
                await link.DisposeAsync().ConfigureAwait(false);
            }

            if (_isEnding)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
            }

            StateChanged?.Invoke(new(DataChannelState.Reconnecting));
            link = await ReplaceAsync(_failure!, wasUseful: receiver.Messages > received, cancellationToken).ConfigureAwait(false);
            repairs.OnLink();
            Interlocked.Increment(ref _resumes);
            StateChanged?.Invoke(new(IsHandshakeOver ? DataChannelState.Open : DataChannelState.Handshaking));
        }
    }

    // Ends with a LinkException.
    private async Task ReceiveAsync(IDataChannelLink link, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The reader is woken once for all messages that have arrived together.
            var receive = link.ReceiveAsync(cancellationToken);
            if (!receive.IsCompleted || incoming.UnflushedBytes >= MaxUnflushedBytes)
            {
                await incoming.FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            var message = await receive.ConfigureAwait(false);
            receiver.OnMessage(message.Span);
            await sender.WhenKeepingUpAsync().ConfigureAwait(false);
        }
    }

    private async Task<IDataChannelLink> ReplaceAsync(Exception lost, bool wasUseful, CancellationToken cancellationToken)
    {
        await WaitAfterAsync(lost, wasUseful, cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var access = await ResumeAsync(cancellationToken).ConfigureAwait(false);
                var link = await opener.OpenAsync(access, cancellationToken).ConfigureAwait(false);
                DataChannelLog.Resumed(logger, attempt);
                return link;
            }
            catch (Exception e) when (e is not DataChannelException && !cancellationToken.IsCancellationRequested)
            {
                _failure = e;
                StateChanged?.Invoke(new(DataChannelState.Reconnecting, e));
                await WaitAfterAsync(e, wasUseful: false, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<DataChannelAccess> ResumeAsync(CancellationToken cancellationToken) =>
        await session.ResumeAsync(cancellationToken).ConfigureAwait(false)
        ?? throw new DataChannelException(
            DataChannelError.SessionEnded,
            "The session ended: it was idle too long, reached its maximum duration, or was terminated."
        );

    private async Task WaitAfterAsync(Exception failure, bool wasUseful, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isHurried, false))
        {
            retries.BeginAnew();
        }

        var delay = retries.WaitAfter(failure, wasUseful, IsHandshakeOver);
        if (delay > TimeSpan.Zero)
        {
            DataChannelLog.LinkNotReplaced(logger, delay.TotalSeconds, SafeText.Describe(failure));
            await _backoff.WaitAsync(delay, cancellationToken).ConfigureAwait(false);
        }
    }
}
