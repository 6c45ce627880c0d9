using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>Header-delimited messages between a pair of pipes and StreamJsonRpc. What comes in is
/// bounded, and what is no message or may not be asked is answered
/// here; what goes out goes through a queue that is bounded too.</summary>
internal sealed partial class MessageHandler(IDuplexPipe transport, ContractFormatter formatter, TimeProvider time, ILogger logger)
    : MessageHandlerBase(formatter)
{
    /// <summary>How long, after the client's last word, answers may take to be ready and written.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromMilliseconds(500);

    /// <summary>A buffer that a rare long message has made longer than this is given back.</summary>
    private const int MaxKeptBufferBytes = 64 * 1024;

    private readonly MessageReader _reader = new(transport.Input);
    private readonly RequestsInFlight _requests = new();
    private Queue<RequestId>? _toCancel; // the reader's

    public OutgoingQueue Outgoing { get; } = new();

    /// <summary>Why a request is refused before its method is looked up; null when it is not.</summary>
    public Func<string, RpcException?> Refuse { get; set; } = _ => null;

    /// <summary>Why there is nothing more to read; null as long as there may be.</summary>
    public ConnectionEnd? End { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    /// <summary>Writes what is queued, until the queue is complete and empty.</summary>
    /// <exception cref="IOException">Nobody reads it any more.</exception>
    public async Task WriteQueuedAsync(CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>();
        while (await Outgoing.TakeAsync(cancellationToken).ConfigureAwait(false) is var (message, written))
        {
            try
            {
                formatter.Serialize(buffer, message);
                MessageHeader.Write(transport.Output, buffer.WrittenCount);
                transport.Output.Write(buffer.WrittenSpan);
                if ((await transport.Output.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted)
                {
                    throw new IOException("The client closed its receiving side.");
                }
            }
            finally
            {
                written?.TrySetResult();
            }

            buffer.ResetWrittenCount();
            if (buffer.Capacity > MaxKeptBufferBytes)
            {
                buffer = new();
            }
        }
    }

    protected override async ValueTask<JsonRpcMessage?> ReadCoreAsync(CancellationToken cancellationToken)
    {
        while (End is null)
        {
            try
            {
                if (await _reader.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } content)
                {
                    End = ConnectionEnd.InputClosed;
                }
                else if (await OnMessageAsync(MessageParser.Parse(content), cancellationToken).ConfigureAwait(false) is { } message)
                {
                    return message;
                }
            }
            catch (InvalidMessageException e)
            {
                await RefuseAsync(e.Id, e.Error, cancellationToken).ConfigureAwait(false);
            }
            catch (EndOfStreamException e)
            {
                LogPeerGone(e);
                End = ConnectionEnd.InputClosed;
            }
            catch (FramingException e)
            {
                LogBrokenFraming(e.Message);
                End = ConnectionEnd.BrokenFraming;
                await RefuseAsync(RequestId.Null, new(RpcErrorCode.ParseError, e.Message), cancellationToken).ConfigureAwait(false);
            }
        }

        return await ReadEndAsync().ConfigureAwait(false);
    }

    protected override async ValueTask WriteCoreAsync(JsonRpcMessage content, CancellationToken cancellationToken)
    {
        switch (content)
        {
            case JsonRpcRequest { IsResponseExpected: true } request:
                _requests.Ask(request.RequestId);
                break;
            case IJsonRpcMessageWithId answer and not JsonRpcRequest when _requests.Forget(answer.RequestId):
                // It counts until it is written, so that answers nobody reads are bounded too.
                await Outgoing.SendAsync(content).ConfigureAwait(false);
                _requests.Answered();
                return;
        }

        await Outgoing.SendAsync(content).ConfigureAwait(false);
    }

    protected override ValueTask FlushAsync(CancellationToken cancellationToken) => default;

    /// <summary>What StreamJsonRpc has to see of it; null when that is nothing.</summary>
    private async ValueTask<JsonRpcMessage?> OnMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case JsonRpcRequest { IsResponseExpected: true } request:
                // The reader itself waits until a refusal is written: a client that only sends is held back.
                if (
                    (Refuse(request.Method!) ?? _requests.TryAdd(request.RequestId, isUrgent: request.Method == RpcMethods.Shutdown.Name))
                    is not { } refusal
                )
                {
                    return request;
                }

                await RefuseAsync(request.RequestId, refusal, cancellationToken).ConfigureAwait(false);
                return null;
            case JsonRpcRequest { Method: RpcContract.CancelRequest }:
                return message;
            case JsonRpcRequest { Method: RpcContract.Exit }:
                End = ConnectionEnd.Exit;
                return null;
            case JsonRpcRequest:
                LogUnknownNotification();
                return null;
            case IJsonRpcMessageWithId answer when _requests.WasAsked(answer.RequestId):
                return message;
            default:
                LogUnexpectedResponse();
                return null;
        }
    }

    /// <summary>The end of the input cancels what still runs; then the last answers go out, if that does not take too long.</summary>
    private async ValueTask<JsonRpcMessage?> ReadEndAsync()
    {
        _toCancel ??= new(_requests.Running());
        if (_toCancel.TryDequeue(out var id))
        {
            return IncomingRequest.Cancellation(id);
        }

        try
        {
            await _requests.AllAnsweredAsync().WaitAsync(DrainTime, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogNotDrained(DrainTime);
        }

        return null;
    }

    private ValueTask RefuseAsync(RequestId id, RpcException error, CancellationToken cancellationToken) =>
        new(Outgoing.SendAsync(new JsonRpcError { RequestId = id, Error = error.ToDetail() }).WaitAsync(cancellationToken));

    [LoggerMessage(100, LogLevel.Debug, "The client disconnected")]
    private partial void LogPeerGone(Exception exception);

    [LoggerMessage(101, LogLevel.Error, "Malformed message framing, closing the connection: {Problem}")]
    private partial void LogBrokenFraming(string problem);

    [LoggerMessage(102, LogLevel.Debug, "Unexpected response from the client")]
    private partial void LogUnexpectedResponse();

    [LoggerMessage(104, LogLevel.Warning, "Pending responses weren't sent within {Time}")]
    private partial void LogNotDrained(TimeSpan time);

    [LoggerMessage(105, LogLevel.Debug, "Ignoring an unknown notification")]
    private partial void LogUnknownNotification();
}
