using System.Net.Sockets;
using System.Runtime.Versioning;
using RdsTunnel.Loopback;
using RdsTunnel.Tunnels.Local;

namespace RdsTunnel.Tunnels.Tests.Local;

[UnsupportedOSPlatform("windows")]
public sealed class SocketFileTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rds-tunnel-socket-").FullName;

    private string Folder => Path.Combine(_root, "sockets");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(5432, ".s.PGSQL.54321")]
    [InlineData(5439, ".s.PGSQL.54321")]
    [InlineData(61234, ".s.PGSQL.54321")]
    [InlineData(3306, "mysql.54321.sock")]
    [InlineData(6379, "redis.54321.sock")]
    public void NameFor_Port_IsWhatTheDatabasesToolsLookFor(int port, string name) => Assert.Equal(name, SocketFile.NameFor(port, 54_321));

    [UnixFact]
    public void Listen_File_IsForThisUserAloneAndGoesWithTheSocket()
    {
        using (var listener = SocketFile.Listen(Folder, 5432, 54_321))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf(54_321)));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        }

        Assert.False(File.Exists(PathOf(54_321)));
    }

    [UnixFact]
    public void Listen_FileOfAKilledProcess_IsReplaced()
    {
        Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(PathOf(54_321), "");
        using var listener = SocketFile.Listen(Folder, 5432, 54_321);
        using var client = Connect(54_321);
        Assert.True(client.Connected);
    }

    [UnixFact]
    public void ListenAt_AFileOfTheOperators_IsLeftAlone()
    {
        var path = Path.Combine(_root, "notes");
        File.WriteAllText(path, "precious");
        var failure = Assert.Throws<TunnelException>(() => SocketFile.ListenAt(path, othersMay: false));
        Assert.Contains("is a file that isn't a socket", failure.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [UnixFact]
    public void Listen_FileThatSomebodyListensOn_IsLeftToHim()
    {
        using var first = SocketFile.Listen(Folder, 5432, 54_321);
        var failure = Assert.Throws<TunnelException>(() => SocketFile.Listen(Folder, 5432, 54_321));
        Assert.Equal(TunnelErrorCode.LocalPortDenied, failure.Code);
        Assert.Contains("is in use by another process", failure.Message, StringComparison.Ordinal);
        using var client = Connect(54_321);
        Assert.True(client.Connected);
    }

    [UnixFact]
    public void Listen_PathThatIsTooLong_SaysSoAndWhatToDo()
    {
        var failure = Assert.Throws<TunnelException>(() => SocketFile.Listen(Path.Combine(_root, new string('x', 90)), 5432, 54_321));
        Assert.Equal(TunnelErrorCode.LocalPortDenied, failure.Code);
        Assert.Contains("XDG_RUNTIME_DIR", failure.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public void Listen_FolderThatOthersMayUse_IsRefused()
    {
        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_111_101);
        var failure = Assert.Throws<TunnelException>(() => SocketFile.Listen(Folder, 5432, 54_321));
        Assert.Contains($"chmod 700 '{Folder}'", failure.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public void Listen_NoFolder_SaysWhatToDo() =>
        Assert.Contains(
            "XDG_RUNTIME_DIR",
            Assert.Throws<TunnelException>(() => SocketFile.Listen(null, 5432, 54_321)).Message,
            StringComparison.Ordinal
        );

    [UnixFact]
    public void OwnerOf_OwnConnection_IsSelf()
    {
        using var listener = SocketFile.Listen(Folder, 5432, 54_321);
        using var client = Connect(54_321);
        using var accepted = listener.Accept();
        Assert.Equal(PeerOwner.Self, LoopbackPeer.OwnerOf(accepted));
    }

    [UnixFact]
    public void HasGivenUp_PeerShutDownItsSendingSide_IsToldFromOneThatIsGone()
    {
        using var listener = SocketFile.Listen(Folder, 5432, 54_321);
        var client = Connect(54_321);
        using var accepted = listener.Accept();
        client.Send([1]);
        client.Shutdown(SocketShutdown.Send);
        Assert.False(LoopbackPeer.HasGivenUp(accepted));
        Assert.False(LoopbackPeer.IsGone(accepted));
        client.Dispose();
        Assert.Equal(OperatingSystem.IsLinux(), LoopbackPeer.HasGivenUp(accepted));
        Assert.Equal(OperatingSystem.IsLinux(), LoopbackPeer.IsGone(accepted));
    }

    private string PathOf(int localPort) => Path.Combine(Folder, SocketFile.NameFor(5432, localPort));

    private Socket Connect(int localPort)
    {
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(PathOf(localPort)));
        return client;
    }
}
