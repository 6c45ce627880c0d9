namespace RdsTunnel.Rpc;

/// <summary>Tells the client how a request gets on, if it wants to know.</summary>
internal sealed class ProgressNotifications<T>(JsonRpcConnection connection, string? token, int maxWaiting) : IProgress<T>
{
    private static readonly RpcNotification<ProgressParams<T>> Progress = new(RpcContract.Progress);

    public void Report(T value)
    {
        if (token is not null)
        {
            connection.Notify($"progress {token}", maxWaiting, Progress, new ProgressParams<T>(token, value));
        }
    }
}
