using System.Net.Sockets;
using RdsTunnel.Tunnels.Local;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests.Local;

public sealed class LoopbackPeerTests
{
    [Fact]
    public async Task IsSameUser_OwnConnection_IsTrue()
    {
        var (client, accepted, server) = await ConnectAsync();
        using (client)
        using (accepted)
        using (server)
        {
            Assert.True(LoopbackPeer.IsSameUser(accepted));
        }
    }

    [Fact]
    public async Task IsGone_PeerShutDownItsSendingSide_IsFalseUntilItCloses()
    {
        var (client, accepted, server) = await ConnectAsync();
        using (accepted)
        using (server)
        {
            client.Shutdown(SocketShutdown.Send);
            Assert.False(LoopbackPeer.IsGone(accepted));
            client.Dispose();
            Assert.Equal(OperatingSystem.IsLinux(), LoopbackPeer.IsGone(accepted));
            Assert.NotEqual(OperatingSystem.IsLinux(), LoopbackPeer.IsSameUser(accepted));
        }
    }

    private static async Task<(Socket Client, Socket Accepted, TcpListener Server)> ConnectAsync()
    {
        var server = new TcpListener(System.Net.IPAddress.Loopback, 0);
        server.Start();
        var client = await Stack.ConnectAsync(((System.Net.IPEndPoint)server.LocalEndpoint).Port);
        return (client, await server.AcceptSocketAsync(), server);
    }
}
