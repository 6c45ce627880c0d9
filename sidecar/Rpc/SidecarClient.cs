using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;

namespace RdsTunnel.Rpc;

/// <summary>The client's side of the contract, over any pair of pipes. Say what to answer and
/// listen to, then <see cref="StartAsync"/>. Thread-safe from then on.</summary>
public sealed class SidecarClient : IDisposable
{
    private readonly ContractRpc _rpc;
    private readonly ConcurrentDictionary<string, Action<JsonElement>> _progress = new();
    private int _lastToken;

    public SidecarClient(IDuplexPipe transport, ILogger<SidecarClient> logger)
    {
        _rpc = new(new ClientMessageHandler(transport, new ContractFormatter(), logger), logger);
        Listen(RpcContract.Progress, OnProgress);
    }

    /// <summary>Completed when the connection is over.</summary>
    public Task Completion => _rpc.Completion;

    /// <summary>What to say when the sidecar asks.</summary>
    public void Answer<TParams, TResult>(RpcMethod<TParams, TResult> method, Func<TParams, CancellationToken, Task<TResult>> handler)
        where TParams : class
        where TResult : class =>
        _rpc.Add(
            method.Name,
            async (request, cancellationToken) =>
                await handler(ParamsReader.Read<TParams>(request.Params), cancellationToken).ConfigureAwait(false)
        );

    /// <summary>Calls <paramref name="handler"/> for each notification, in order, before the next message is read.</summary>
    public void On<T>(RpcNotification<T> notification, Action<T> handler)
        where T : class => Listen(notification.Name, parameters => handler(Read<T>(parameters)));

    /// <summary>Says hello.</summary>
    /// <inheritdoc cref="CallAsync{TParams, TResult}"/>
    public Task<InitializeResult> StartAsync(InitializeParams parameters, CancellationToken cancellationToken)
    {
        _rpc.StartListening();
        Completion.Leave(); // who calls hears of the end, too
        return CallAsync(RpcMethods.Initialize, parameters, cancellationToken);
    }

    /// <exception cref="RpcException">What the sidecar answers, or that it is gone.</exception>
    /// <exception cref="OperationCanceledException">The sidecar has ended the request because of
    /// <paramref name="cancellationToken"/>.</exception>
    public Task<TResult> CallAsync<TParams, TResult>(
        RpcMethod<TParams, TResult> method,
        TParams parameters,
        CancellationToken cancellationToken
    )
        where TParams : class
        where TResult : class => _rpc.CallAsync<TResult>(method.Name, parameters, cancellationToken);

    /// <param name="progress">Gets every report before the answer is there.</param>
    /// <inheritdoc cref="CallAsync{TParams, TResult}"/>
    public async Task<TResult> CallAsync<TParams, TProgress, TResult>(
        RpcMethod<TParams, TProgress, TResult> method,
        TParams parameters,
        IProgress<TProgress> progress,
        CancellationToken cancellationToken
    )
        where TParams : class, IProgressParams<TParams>
        where TResult : class
    {
        var token = $"{method.Name} {Interlocked.Increment(ref _lastToken)}";
        _progress[token] = value => progress.Report(Read<TProgress>(value));
        try
        {
            return await _rpc.CallAsync<TResult>(method.Name, parameters.WithProgress(token), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _progress.TryRemove(token, out _);
        }
    }

    public void Dispose() => _rpc.Dispose();

    private static T Read<T>(JsonElement value) => value.Deserialize((JsonTypeInfo<T>)ContractJson.Default.GetTypeInfo(typeof(T))!)!;

    private void Listen(string notification, Action<JsonElement> handler) =>
        _rpc.Add(
            notification,
            (request, _) =>
            {
                if (request.Params is { } parameters)
                {
                    handler(parameters);
                }

                return Task.FromResult<object>(Nothing.Instance);
            }
        );

    private void OnProgress(JsonElement parameters)
    {
        if (
            parameters.TryMember("token"u8, JsonValueKind.String) is { } token
            && _progress.TryGetValue(token.GetString()!, out var report)
            && parameters.TryGetProperty("value"u8, out var value)
        )
        {
            report(value);
        }
    }
}
