namespace RdsTunnel.Rpc;

/// <summary>A request of the contract: its name, and the types of what goes over the wire.
/// <see cref="Nothing"/> stands for no parameters, and for a null result.</summary>
public sealed record RpcMethod<TParams, TResult>(string Name)
    where TParams : class
    where TResult : class;

/// <summary>A request that tells how it gets on, in <c>$/progress</c>, when its parameters have a
/// token; all of it before the answer.</summary>
public sealed record RpcMethod<TParams, TProgress, TResult>(string Name)
    where TParams : class, IProgressParams<TParams>
    where TResult : class;

/// <summary>Parameters with a progress token, which the client chooses. Without one, no progress is reported.</summary>
public interface IProgressParams<TSelf>
{
    string? ProgressToken { get; }

    TSelf WithProgress(string token);
}

/// <summary>A notification of the contract.</summary>
public sealed record RpcNotification<TParams>(string Name)
    where TParams : class;

/// <summary>No parameters, or no result.</summary>
public sealed class Nothing
{
    public static readonly Nothing Instance = new();

    private Nothing() { }
}
