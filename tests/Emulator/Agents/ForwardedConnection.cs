using System.Net.Sockets;
using RdsTunnel.Smux;

namespace RdsTunnel.Emulator.Agents;

/// <summary>One stream and its connection to the target. Whichever direction ends first ends both,
/// so that data on its way back is lost after
/// the client's FIN: the real agent knows no half-close. One that ends, or is killed, says nothing of its streams.</summary>
internal static class ForwardedConnection
{
    /// <summary>What the agent copies at once; also the largest frame that it sends.</summary>
    private const int CopyBytes = 32 * 1024;

    public static async Task RunAsync(SmuxStream stream, Socket socket, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var up = CopyToSocketAsync(stream, socket, ending.Token);
        var down = CopyToStreamAsync(socket, stream, ending.Token);
        await Task.WhenAny(up, down).ConfigureAwait(false);

        // A socket with a pending read would be closed by a reset.
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        socket.Dispose();
        if (!cancellationToken.IsCancellationRequested)
        {
            await CloseAsync(stream).ConfigureAwait(false);
        }
    }

    /// <summary>Sends what was written and a FIN; what still arrives is dropped.</summary>
    public static async ValueTask CloseAsync(SmuxStream stream)
    {
        await stream.Output.CompleteAsync().ConfigureAwait(false);
        await stream.Input.CompleteAsync().ConfigureAwait(false);
    }

    private static async Task CopyToSocketAsync(SmuxStream stream, Socket socket, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await stream.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
            foreach (var segment in result.Buffer)
            {
                for (var sent = 0; sent < segment.Length; )
                {
                    sent += await socket.SendAsync(segment[sent..], SocketFlags.None, cancellationToken).ConfigureAwait(false);
                }
            }

            stream.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private static async Task CopyToStreamAsync(Socket socket, SmuxStream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            var count = await socket
                .ReceiveAsync(stream.Output.GetMemory(CopyBytes)[..CopyBytes], SocketFlags.None, cancellationToken)
                .ConfigureAwait(false);
            if (count == 0)
            {
                return;
            }

            stream.Output.Advance(count);
            var flushed = await stream.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                return;
            }
        }
    }
}
