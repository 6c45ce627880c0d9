namespace RdsTunnel.Smux.Tests;

/// <summary>What never happens fails a test by name instead of hanging it.</summary>
internal static class Patience
{
    public static CancellationToken Token() => new CancellationTokenSource(Hang.Limit).Token;

    public static Task Soon(this Task task) => task.WaitAsync(Hang.Limit);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Hang.Limit);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Hang.Limit);
}
