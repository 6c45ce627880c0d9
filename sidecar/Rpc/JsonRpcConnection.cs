using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc;

/// <summary>JSON-RPC 2.0 over a pair of pipes, the serving side. One reader, one writer; requests run concurrently.
/// <see cref="Notify"/> is thread-safe; <see cref="RunAsync"/> is called once.</summary>
[SuppressMessage("Design", "CA1001", Justification = "RunAsync disposes of what it starts; before it there is nothing to dispose of.")]
public sealed partial class JsonRpcConnection : IRpcMethods
{
    /// <summary>A person's clicks need a handful; a client that has more in flight than this has lost count.</summary>
    public const int MaxConcurrentRequests = 64;

    private readonly IDuplexPipe _transport;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MessageHandler _handler;
    private readonly ContractRpc _rpc;

    public JsonRpcConnection(IDuplexPipe transport, TimeProvider time, ILogger<JsonRpcConnection> logger)
    {
        _transport = transport;
        _time = time;
        _logger = logger;
        _handler = new(transport, new ContractFormatter(), time, logger);
        _rpc = new(_handler, logger);
    }

    void IRpcMethods.Add<TParams, TResult>(RpcMethod<TParams, TResult> method, Func<TParams, CancellationToken, Task<TResult>> handler) =>
        _rpc.Add(
            method.Name,
            async (request, cancellationToken) =>
                await handler(ParamsReader.Read<TParams>(request.Params), cancellationToken).ConfigureAwait(false)
        );

    void IRpcMethods.Add<TParams, TProgress, TResult>(
        RpcMethod<TParams, TProgress, TResult> method,
        int maxWaiting,
        Func<TParams, IProgress<TProgress>, CancellationToken, Task<TResult>> handler
    ) =>
        _rpc.Add(
            method.Name,
            async (request, cancellationToken) =>
            {
                var parameters = ParamsReader.Read<TParams>(request.Params);
                return await handler(
                        parameters,
                        new ProgressNotifications<TProgress>(this, parameters.ProgressToken, maxWaiting),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
        );

    /// <summary>Asks the client.</summary>
    /// <inheritdoc cref="ContractRpc.CallAsync"/>
    public Task<TResult> CallAsync<TParams, TResult>(
        RpcMethod<TParams, TResult> method,
        TParams parameters,
        CancellationToken cancellationToken
    )
        where TParams : class
        where TResult : class => _rpc.CallAsync<TResult>(method.Name, parameters, cancellationToken);

    /// <summary>Sends a notification when the wire is ready. When the client reads too slowly, the
    /// newest <paramref name="maxWaiting"/> of those
    /// under <paramref name="key"/> are kept.</summary>
    /// <param name="withDropped">Tells the client, in the parameters, how many were dropped before
    /// this one; null where that does not matter.</param>
    public void Notify<T>(string key, int maxWaiting, RpcNotification<T> notification, T parameters, Func<T, int, T>? withDropped = null)
        where T : class =>
        _handler.Outgoing.Post(
            key,
            maxWaiting,
            dropped => new JsonRpcRequest
            {
                Method = notification.Name,
                Arguments = withDropped is null ? parameters : withDropped(parameters, dropped),
            }
        );

    /// <summary>Serves until the connection is over, then cancels what still runs. Completes both pipes.</summary>
    /// <exception cref="OperationCanceledException">On <paramref name="cancellationToken"/>.</exception>
    public async Task<ConnectionEnd> RunAsync(IRpcTarget target, CancellationToken cancellationToken)
    {
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        target.AddMethods(this);
        _handler.Refuse = target.Refuse;
        var writing = _handler.WriteQueuedAsync(abort.Token);
        try
        {
            _rpc.StartListening();
            var first = await Task.WhenAny(_rpc.Completion, writing).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            _handler.Outgoing.Complete();
            await WithinDrainTimeAsync(writing).ConfigureAwait(false);
            return _handler.End ?? ConnectionEnd.OutputClosed;
        }
        catch (IOException e)
        {
            LogOutputClosed(e);
            return ConnectionEnd.OutputClosed;
        }
        finally
        {
            _handler.Outgoing.Abandon();
            await abort.CancelAsync().ConfigureAwait(false);
            _rpc.Dispose();
            await Task.WhenAll(_rpc.Completion, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // one of them has told already
            await WithinDrainTimeAsync(_rpc.DispatchCompletion).ConfigureAwait(false);
            await _transport.Input.CompleteAsync().ConfigureAwait(false);
            await CompleteOutputAsync().ConfigureAwait(false);
        }
    }

    private async Task CompleteOutputAsync()
    {
        try
        {
            await _transport.Output.CompleteAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            LogOutputClosed(e); // what was left of a message cannot be written, either
        }
    }

    private async Task WithinDrainTimeAsync(Task task)
    {
        try
        {
            await task.WaitAsync(MessageHandler.DrainTime, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogNotDrained(MessageHandler.DrainTime);
        }
    }

    [LoggerMessage(106, LogLevel.Debug, "The client stopped reading")]
    private partial void LogOutputClosed(Exception exception);

    [LoggerMessage(107, LogLevel.Warning, "Running requests didn't finish within {Time}")]
    private partial void LogNotDrained(TimeSpan time);
}
