using System.Net.Sockets;
using RdsTunnel.Loopback;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Notices that a client has gone while it waits for a session, so that it takes no place
/// and no database is dialled for it.</summary>
/// <remarks>
/// A client that closes its connection and one that only shuts down its sending side send the same
/// FIN. On Linux the kernel tells them apart: the first
/// is gone, whatever it had sent, because nobody is left to read an answer; the second waits like
/// any other. Elsewhere a client is gone when its
/// connection has ended without a byte. An end behind bytes that it had sent cannot be seen there: such a client is served.
/// </remarks>
internal static class ClientWatch
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(50);

    /// <summary>Thousands of looks a second, were all clients of a full tunnel to wait, cost a few hundredths of a processor.</summary>
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(1);

    /// <exception cref="OperationCanceledException">The client is gone, or it was cancelled.</exception>
    public static async Task<T> WhileThereAsync<T>(
        Socket socket,
        Func<CancellationToken, Task<T>> work,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connecting = work(waiting.Token);
        var watching = connecting.IsCompleted ? Task.CompletedTask : CancelWhenGoneAsync(socket, waiting, time);
        try
        {
            return await connecting.ConfigureAwait(false);
        }
        finally
        {
            await waiting.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }
    }

    /// <summary>Cancels <paramref name="waiting"/> when the client is gone; ends when it has, or when somebody else cancels it.</summary>
    public static async Task CancelWhenGoneAsync(Socket socket, CancellationTokenSource waiting, TimeProvider time)
    {
        for (var pause = FirstLook; ; pause = pause < LastLook ? pause * 2 : LastLook)
        {
            await Task.Delay(pause, time, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (waiting.IsCancellationRequested)
            {
                return;
            }

            if (LoopbackPeer.HasGivenUp(socket))
            {
                await waiting.CancelAsync().ConfigureAwait(false);
                return;
            }
        }
    }
}
