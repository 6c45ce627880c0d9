namespace RdsTunnel.Emulator.Tests.Support;

/// <summary>Waits for what happens soon, without saying when.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);

    /// <param name="meanwhile">Done between the looks, for instance moving a fake clock.</param>
    public static async Task TrueAsync(Func<bool> condition, Action? meanwhile = null)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(startedAt) < Hang.Limit, "It did not happen.");
            meanwhile?.Invoke();
            await Task.Delay(Poll, TimeProvider.System);
        }
    }

    public static async Task<T> ResultAsync<T>(Task<T> task, Action meanwhile)
    {
        await TrueAsync(() => task.IsCompleted, meanwhile);
        return await task;
    }
}
