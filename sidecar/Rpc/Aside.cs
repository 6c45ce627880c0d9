namespace RdsTunnel.Rpc;

/// <summary>Methods that read files before their first wait. A read that hangs must hold up neither
/// the connection's reader nor the pool.</summary>
internal static class Aside
{
    public static void AddAside<TParams, TResult>(
        this IRpcMethods methods,
        RpcMethod<TParams, TResult> method,
        Func<TParams, CancellationToken, Task<TResult>> handler
    )
        where TParams : class
        where TResult : class =>
        methods.Add(method, (parameters, cancellationToken) => RunAsync(() => handler(parameters, cancellationToken)));

    public static void AddAside<TParams>(
        this IRpcMethods methods,
        RpcMethod<TParams, Nothing> method,
        Func<TParams, CancellationToken, Task> handler
    )
        where TParams : class =>
        methods.Add(method, (parameters, cancellationToken) => RunAsync(() => handler(parameters, cancellationToken)));

    public static void AddAside<TParams, TProgress, TResult>(
        this IRpcMethods methods,
        RpcMethod<TParams, TProgress, TResult> method,
        int maxWaiting,
        Func<TParams, IProgress<TProgress>, CancellationToken, Task<TResult>> handler
    )
        where TParams : class, IProgressParams<TParams>
        where TResult : class =>
        methods.Add(
            method,
            maxWaiting,
            (parameters, progress, cancellationToken) => RunAsync(() => handler(parameters, progress, cancellationToken))
        );

    public static void Add<TParams>(
        this IRpcMethods methods,
        RpcMethod<TParams, Nothing> method,
        Func<TParams, CancellationToken, Task> handler
    )
        where TParams : class =>
        methods.Add(
            method,
            async (parameters, cancellationToken) =>
            {
                await handler(parameters, cancellationToken).ConfigureAwait(false);
                return Nothing.Instance;
            }
        );

    public static Task<T> RunAsync<T>(Func<Task<T>> method) =>
        Task.Factory.StartNew(method, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static Task RunAsync(Func<Task> method) =>
        Task.Factory.StartNew(method, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
}
