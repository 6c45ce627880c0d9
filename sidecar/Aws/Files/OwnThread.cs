namespace RdsTunnel.Aws.Files;

/// <summary>For work that may block on a file: it must take no thread from the pool, which everything else runs on.</summary>
internal static class OwnThread
{
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
