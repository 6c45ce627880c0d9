using System.Net.Sockets;

namespace RdsTunnel.Emulator.Agents;

/// <summary>Connects to what a session is for, as the agent's host would.</summary>
internal sealed class TargetDialer(string host, int port, AgentOptions options)
{
    /// <exception cref="SocketException">Nobody listens there, or the name is unknown.</exception>
    public async Task<Socket> DialAsync(CancellationToken cancellationToken)
    {
        options.ThrowIfBlocked(host, port);
        var (address, targetPort) = options.Resolve(host, port);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, targetPort, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
