using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>StreamJsonRpc as this contract needs it: methods in the order of their arrival, and
/// errors with a name and never a stack.</summary>
internal sealed partial class ContractRpc : JsonRpc
{
    /// <summary>Off: traces quote parameters and exceptions, which may hold secrets. We log what matters ourselves.</summary>
    private static readonly TraceSource NoTrace = new(nameof(ContractRpc), SourceLevels.Off);

    private readonly ILogger _logger;

    // Complete when the call could not be written.
    private readonly ConcurrentDictionary<RequestId, TaskCompletionSource> _calls = new();

    public ContractRpc(IJsonRpcMessageHandler handler, ILogger logger)
        : base(handler)
    {
        _logger = logger;
        TraceSource = NoTrace;
        SynchronizationContext = new ReaderContext();
        CancelLocallyInvokedMethodsWhenConnectionIsClosed = true;
    }

    public void Add(string method, Func<IncomingRequest, CancellationToken, Task<object>> handler) =>
        AddLocalRpcMethod(method, new BoundMethod(handler).InvokeAsync);

    /// <summary>Asks the other side. When it is cancelled, the other side is told, and still has the last word.</summary>
    /// <exception cref="RpcException">What the other side says, or that it is gone.</exception>
    public async Task<TResult> CallAsync<TResult>(string method, object parameters, CancellationToken cancellationToken)
        where TResult : class
    {
        var id = CreateNewRequestId();
        var unsent = _calls[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            var answer = InvokeCoreAsync<TResult>(id, method, [parameters], cancellationToken, isParameterObject: true);
            if (await Task.WhenAny(answer, unsent.Task).ConfigureAwait(false) == answer)
            {
                return await answer.ConfigureAwait(false);
            }

            answer.Leave();
            cancellationToken.ThrowIfCancellationRequested();
            throw ConnectionClosed(method);
        }
        catch (RemoteRpcException e)
        {
            throw RpcException.From(e);
        }
        catch (Exception e) when (e is ConnectionLostException or ObjectDisposedException)
        {
            throw ConnectionClosed(method);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(RpcErrorCode.RequestCancelled, $"{method} was cancelled by the other side.");
        }
        catch (JsonException)
        {
            throw new RpcException(RpcErrorCode.InternalError, $"The response to {method} doesn't match the contract.");
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    /// <summary>The one place where exceptions become errors of the contract.</summary>
    protected override JsonRpcError.ErrorDetail CreateErrorDetails(JsonRpcRequest request, Exception exception)
    {
        if (RpcException.From(exception) is { } known)
        {
            return known.ToDetail();
        }

        LogMethodFailed(exception, request.Method!);
        return new RpcException(
            RpcErrorCode.InternalError,
            $"{request.Method} failed unexpectedly ({exception.GetType().Name}); see the log."
        ).ToDetail();
    }

    /// <summary>What StreamJsonRpc itself answers has neither our names nor our words.</summary>
    protected override ValueTask SendAsync(JsonRpcMessage message, CancellationToken cancellationToken)
    {
        if (message is JsonRpcError { Error: { Data: not ErrorData } error } failure)
        {
            failure.Error = (
                error.Code switch
                {
                    JsonRpcErrorCode.RequestCanceled => new RpcException(RpcErrorCode.RequestCancelled, "The request was cancelled."),
                    JsonRpcErrorCode.MethodNotFound => new RpcException(RpcErrorCode.MethodNotFound, "Method not found."),
                    JsonRpcErrorCode.InvalidParams => new RpcException(RpcErrorCode.InvalidParams, "Invalid params for this method."),
                    _ => new RpcException(RpcErrorCode.InternalError, "The request failed unexpectedly; see the log."),
                }
            ).ToDetail();
        }

        return message is JsonRpcRequest request ? AskAsync(request, cancellationToken) : base.SendAsync(message, cancellationToken);
    }

    /// <summary>A failure here would make StreamJsonRpc forget the call, and leave behind its own, which nobody could observe.</summary>
    private async ValueTask AskAsync(JsonRpcRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            LogNotSent(e, request.Method!);
            if (_calls.TryGetValue(request.RequestId, out var unsent))
            {
                unsent.TrySetResult();
            }
        }
    }

    private static RpcException ConnectionClosed(string method) =>
        new(RpcErrorCode.InternalError, $"The connection closed before {method} was answered.");

    [LoggerMessage(103, LogLevel.Error, "{Method} failed unexpectedly")]
    private partial void LogMethodFailed(Exception exception, string method);

    [LoggerMessage(109, LogLevel.Debug, "The connection closed before {Method} was sent")]
    private partial void LogNotSent(Exception exception, string method);

    /// <summary>Starts each method on the connection's reader: then they start in the order of arrival.</summary>
    private sealed class ReaderContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }

    private sealed class BoundMethod(Func<IncomingRequest, CancellationToken, Task<object>> handler)
    {
        public async Task<object> InvokeAsync(IncomingRequest request, CancellationToken cancellationToken)
        {
            try
            {
                return await handler(request, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                // The client did not ask for it, so it must not look as if it had.
                throw new InvalidOperationException("Something that the method waited for was cancelled.", e);
            }
        }
    }
}
