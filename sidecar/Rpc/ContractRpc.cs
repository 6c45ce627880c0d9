using System.Diagnostics;
using Microsoft.Extensions.Logging;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>StreamJsonRpc as this contract needs it: methods in the order of their arrival, and errors with a name and never a stack.</summary>
internal sealed partial class ContractRpc : JsonRpc
{
    /// <summary>Off: traces quote parameters and exceptions, which may hold secrets. We log what matters ourselves.</summary>
    private static readonly TraceSource NoTrace = new(nameof(ContractRpc), SourceLevels.Off);

    private readonly ILogger _logger;

    public ContractRpc(IJsonRpcMessageHandler handler, ILogger logger)
        : base(handler)
    {
        _logger = logger;
        TraceSource = NoTrace;
        SynchronizationContext = new ReaderContext();
        CancelLocallyInvokedMethodsWhenConnectionIsClosed = true;
    }

    public void Add(string method, Func<IncomingRequest, CancellationToken, Task<object>> handler) => AddLocalRpcMethod(method, new BoundMethod(handler).InvokeAsync);

    /// <summary>The one place where exceptions become errors of the contract.</summary>
    protected override JsonRpcError.ErrorDetail CreateErrorDetails(JsonRpcRequest request, Exception exception)
    {
        if (RpcException.From(exception) is { } known)
        {
            return known.ToDetail();
        }

        LogMethodFailed(exception, request.Method!);
        return new RpcException(RpcErrorCode.InternalError, $"{request.Method} failed unexpectedly ({exception.GetType().Name}); see the log.").ToDetail();
    }

    /// <summary>What StreamJsonRpc itself answers has neither our names nor our words.</summary>
    protected override ValueTask SendAsync(JsonRpcMessage message, CancellationToken cancellationToken)
    {
        if (message is JsonRpcError { Error: { Data: not ErrorData } error } failure)
        {
            failure.Error = (error.Code switch
            {
                JsonRpcErrorCode.RequestCanceled => new RpcException(RpcErrorCode.RequestCancelled, "The request was cancelled."),
                JsonRpcErrorCode.MethodNotFound => new RpcException(RpcErrorCode.MethodNotFound, "There is no such method."),
                JsonRpcErrorCode.InvalidParams => new RpcException(RpcErrorCode.InvalidParams, "params does not fit this method."),
                _ => new RpcException(RpcErrorCode.InternalError, "The request failed unexpectedly; see the log."),
            }).ToDetail();
        }

        return base.SendAsync(message, cancellationToken);
    }

    [LoggerMessage(103, LogLevel.Error, "{Method} failed unexpectedly")]
    private partial void LogMethodFailed(Exception exception, string method);

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
