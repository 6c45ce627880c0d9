using System.Net.Sockets;
using RdsTunnel.Loopback;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests.Local;

public sealed class LoopbackPeerTests
{
    [Fact]
    public void CanTell_EverySystemThatIsSupported_IsTrue() => Assert.True(LoopbackPeer.CanTell);

    [Fact]
    public async Task OwnerOf_OwnConnection_IsSelf()
    {
        var (client, accepted, server) = await ConnectAsync();
        using (client)
        using (accepted)
        using (server)
        {
            Assert.Equal(PeerOwner.Self, LoopbackPeer.OwnerOf(accepted));
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
            // Windows keeps the process of a connection that is ending.
            Assert.Equal(OperatingSystem.IsWindows() ? PeerOwner.Self : PeerOwner.None, LoopbackPeer.OwnerOf(accepted));
        }
    }

    [Theory]
    [InlineData(24, "Unknown")]
    [InlineData(23, "Unknown")]
    [InlineData(12, "Unknown")]
    [InlineData(105, "Unknown")]
    [InlineData(93, "NotSupported")]
    [InlineData(97, "NotSupported")]
    [InlineData(1, "NotSupported")]
    public void OnOpenError_OutOfSomething_IsNotTakenForASystemThatNeverTells(int error, string kind)
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(kind, SocketDiagnostics.OnOpenError(error).ToString());
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
