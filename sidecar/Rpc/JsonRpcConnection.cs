using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Rpc;

/// <summary>JSON-RPC 2.0 over a pair of pipes, the serving side. One reader, one writer; requests run concurrently.
/// <see cref="Notify"/> is thread-safe; <see cref="RunAsync"/> is called once.</summary>
public sealed partial class JsonRpcConnection(IDuplexPipe transport, TimeProvider time, ILogger<JsonRpcConnection> logger)
{
    /// <summary>A person's clicks need a handful; a client that has more in flight than this has lost count.</summary>
    public const int MaxConcurrentRequests = 64;

    /// <summary>How long, after the client's last word, answers may take to be ready and written.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromMilliseconds(500);

    /// <summary>A buffer that a rare long message has made longer than this is given back.</summary>
    private const int MaxKeptBufferBytes = 64 * 1024;

    private readonly OutgoingQueue _outgoing = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<RequestId, Running> _running = []; // guarded by _lock: what can be cancelled
    private int _unanswered; // guarded by _lock: requests whose answer is not written yet

    /// <summary>Sends a notification when the wire is ready. When the client reads too slowly, the newest <paramref name="maxWaiting"/> of those
    /// under <paramref name="key"/> are kept.</summary>
    public void Notify<T>(string key, int maxWaiting, string method, T parameters, JsonTypeInfo<T> type, Func<T, int, T>? withDropped = null) =>
        _outgoing.Post(key, maxWaiting, new NotificationMessage<T>(method, parameters, type, withDropped));

    /// <summary>Serves until the connection is over, then cancels what still runs. Completes both pipes.</summary>
    /// <exception cref="OperationCanceledException">On <paramref name="cancellationToken"/>.</exception>
    public async Task<ConnectionEnd> RunAsync(IRpcTarget target, CancellationToken cancellationToken)
    {
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(abort.Token);
        var reading = ReadAsync(target, abort.Token);
        try
        {
            if (await Task.WhenAny(reading, writing).ConfigureAwait(false) == reading)
            {
                var end = await reading.ConfigureAwait(false);
                await DrainAsync(writing).ConfigureAwait(false);
                return end;
            }

            await writing.ConfigureAwait(false);
            return ConnectionEnd.OutputClosed;
        }
        catch (IOException e)
        {
            LogPeerGone(e);
            return ConnectionEnd.OutputClosed;
        }
        finally
        {
            _outgoing.Abandon();
            await abort.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // one of them has told already
            await WithinDrainTimeAsync(CancelAllAsync()).ConfigureAwait(false);
            await transport.Input.CompleteAsync().ConfigureAwait(false);
            await transport.Output.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task<ConnectionEnd> ReadAsync(IRpcTarget target, CancellationToken cancellationToken)
    {
        var reader = new MessageReader(transport.Input);
        while (true)
        {
            try
            {
                if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } content)
                {
                    return ConnectionEnd.InputClosed;
                }

                if (!await OnMessageAsync(IncomingMessage.Parse(content), target).ConfigureAwait(false))
                {
                    return ConnectionEnd.Exit;
                }
            }
            catch (RpcException e)
            {
                await RefuseAsync(default, e).ConfigureAwait(false);
            }
            catch (EndOfStreamException e)
            {
                LogPeerGone(e);
                return ConnectionEnd.InputClosed;
            }
            catch (FramingException e)
            {
                LogBrokenFraming(e.Message);
                await RefuseAsync(default, new(RpcErrorCode.ParseError, e.Message)).ConfigureAwait(false);
                return ConnectionEnd.BrokenFraming;
            }
        }
    }

    private async ValueTask<bool> OnMessageAsync(IncomingMessage message, IRpcTarget target)
    {
        switch (message)
        {
            case IncomingMessage.Request request:
                await OnRequestAsync(request, target).ConfigureAwait(false);
                return true;
            case IncomingMessage.Notification { Method: ClientNotifications.CancelRequest } cancel:
                await OnCancelAsync(cancel.Params).ConfigureAwait(false);
                return true;
            case IncomingMessage.Notification notification:
                return target.Notify(notification.Method, notification.Params);
            case IncomingMessage.Invalid invalid:
                await RefuseAsync(invalid.Id, invalid.Error).ConfigureAwait(false);
                return true;
            default:
                LogUnexpectedResponse();
                return true;
        }
    }

    private async ValueTask OnRequestAsync(IncomingMessage.Request request, IRpcTarget target)
    {
        var running = new Running();
        RpcException? refusal = null;
        lock (_lock)
        {
            if (_unanswered >= MaxConcurrentRequests)
            {
                refusal = new(RpcErrorCode.ServerBusy, $"{MaxConcurrentRequests} requests are running; wait for one of them.");
            }
            else if (!_running.TryAdd(request.Id, running))
            {
                refusal = new(RpcErrorCode.InvalidRequest, "A request with this id is still running.");
            }
            else
            {
                _unanswered++;
            }
        }

        if (refusal is not null)
        {
            await RefuseAsync(request.Id, refusal).ConfigureAwait(false);
            return;
        }

        running.Answered = AnswerAsync(request, target, running.Cancellation.Token);
    }

    private async Task AnswerAsync(IncomingMessage.Request request, IRpcTarget target, CancellationToken cancellationToken)
    {
        var answer = await InvokeAsync(request, target, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _running.Remove(request.Id); // before the client can see the answer, and use the id again
        }

        // It counts until it is written, so that answers nobody reads are bounded too.
        await _outgoing.SendAsync(answer).ConfigureAwait(false);
        lock (_lock)
        {
            _unanswered--;
        }
    }

    private async Task<OutgoingMessage> InvokeAsync(IncomingMessage.Request request, IRpcTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return new ResultMessage(request.Id, await target.InvokeAsync(request.Method, request.Params, cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new ErrorMessage(request.Id, new(RpcErrorCode.RequestCancelled, $"{request.Method} was cancelled."));
        }
        catch (RpcException e)
        {
            return new ErrorMessage(request.Id, e);
        }
        catch (Exception e)
        {
            LogMethodFailed(e, request.Method);
            return new ErrorMessage(request.Id, new(RpcErrorCode.InternalError, $"{request.Method} failed unexpectedly ({e.GetType().Name}); see the log."));
        }
    }

    private async ValueTask OnCancelAsync(JsonElement? parameters)
    {
        Running? running = null;
        if (parameters is { } element && element.TryGetProperty("id"u8, out var idElement) && RequestId.TryParse(idElement, out var id))
        {
            lock (_lock)
            {
                _running.TryGetValue(id, out running);
            }
        }

        if (running is not null)
        {
            await running.Cancellation.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The reader itself waits until the refusal is written: a client that only sends is held back.</summary>
    private Task RefuseAsync(RequestId id, RpcException error) => _outgoing.SendAsync(new ErrorMessage(id, error));

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        while (await _outgoing.TakeAsync(cancellationToken).ConfigureAwait(false) is var (entry, droppedBefore))
        {
            try
            {
                await using (var json = new Utf8JsonWriter(buffer))
                {
                    entry.Message.WriteTo(json, droppedBefore);
                }

                MessageHeader.Write(transport.Output, buffer.WrittenCount);
                transport.Output.Write(buffer.WrittenSpan);
                if ((await transport.Output.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted)
                {
                    throw new IOException("The client closed its receiving side.");
                }
            }
            finally
            {
                entry.Written?.TrySetResult();
            }

            buffer.ResetWrittenCount();
            if (buffer.Capacity > MaxKeptBufferBytes)
            {
                buffer = new();
            }
        }
    }

    /// <summary>The last answers, of requests that are cancelled now, still go out.</summary>
    private async Task DrainAsync(Task writing)
    {
        await WithinDrainTimeAsync(CancelAllAsync()).ConfigureAwait(false);
        _outgoing.Complete();
        await WithinDrainTimeAsync(writing).ConfigureAwait(false);
    }

    private async Task WithinDrainTimeAsync(Task task)
    {
        try
        {
            await task.WaitAsync(DrainTime, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogNotDrained(DrainTime);
        }
    }

    private async Task CancelAllAsync()
    {
        Running[] all;
        lock (_lock)
        {
            all = [.. _running.Values];
        }

        foreach (var running in all)
        {
            await running.Cancellation.CancelAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(all.Select(running => running.Answered)).ConfigureAwait(false);
    }

    private sealed class Running
    {
        public CancellationTokenSource Cancellation { get; } = new();

        public Task Answered { get; set; } = Task.CompletedTask;
    }

    [LoggerMessage(100, LogLevel.Debug, "The client is gone")]
    private partial void LogPeerGone(Exception exception);

    [LoggerMessage(101, LogLevel.Error, "The client sent what cannot be cut into messages, so the connection ends: {Problem}")]
    private partial void LogBrokenFraming(string problem);

    [LoggerMessage(102, LogLevel.Debug, "The client answered, though nothing was asked")]
    private partial void LogUnexpectedResponse();

    [LoggerMessage(103, LogLevel.Error, "{Method} failed unexpectedly")]
    private partial void LogMethodFailed(Exception exception, string method);

    [LoggerMessage(104, LogLevel.Warning, "The last answers were not ready and written within {Time}")]
    private partial void LogNotDrained(TimeSpan time);
}
