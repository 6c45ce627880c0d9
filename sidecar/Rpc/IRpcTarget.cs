namespace RdsTunnel.Rpc;

/// <summary>Does what the other side asks.</summary>
public interface IRpcTarget
{
    /// <summary>Called once, before the first message is read. The methods are called by the
    /// connection's reader, one after the other in the order of arrival;
    /// what a call leaves for after its first <c>await</c> runs concurrently.</summary>
    void AddMethods(IRpcMethods methods);

    /// <summary>Why a method may not be called now; null when it may. Called by the reader, before the method is looked up.</summary>
    RpcException? Refuse(string method);
}

/// <summary>What a side of a connection answers.</summary>
public interface IRpcMethods
{
    void Add<TParams, TResult>(RpcMethod<TParams, TResult> method, Func<TParams, CancellationToken, Task<TResult>> handler)
        where TParams : class
        where TResult : class;

    /// <param name="maxWaiting">How many reports may wait for a slow client; of more, the oldest go.</param>
    void Add<TParams, TProgress, TResult>(
        RpcMethod<TParams, TProgress, TResult> method,
        int maxWaiting,
        Func<TParams, IProgress<TProgress>, CancellationToken, Task<TResult>> handler
    )
        where TParams : class, IProgressParams<TParams>
        where TResult : class;
}
