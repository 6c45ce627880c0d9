using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RdsTunnel.Tunnels.Local;

/// <summary>Asks the Linux kernel about one TCP socket of this machine: sock_diag(7), the exact look-up, so that it costs the same
/// whatever the number of connections.</summary>
/// <remarks><code>
/// request                              answer
/// 0   16  nlmsghdr                     0   16  nlmsghdr
/// 16  1   family, AF_INET              16  4   family, state, timer, retransmissions
/// 17  1   protocol, TCP                20  48  socket identity, as in the request
/// 20  4   states, all                  68  12  expires, read queue, write queue
/// 24  48  socket identity: ports and   80  4   user id
///         addresses in network order   84  4   inode, 0 once no process has the socket open
/// </code></remarks>
[SupportedOSPlatform("linux")]
internal static partial class SocketDiagnostics
{
    private const int NetlinkFamily = 16;
    private const int RawSocket = 3;
    private const int CloseOnExec = 0x80000;
    private const int SocketDiagnosticsProtocol = 4;
    private const ushort SocketDiagnosticsByFamily = 20;
    private const ushort ErrorMessage = 2;
    private const int NoSuchEntry = -2;
    private const ushort RequestFlag = 1;
    private const byte InternetFamily = 2;
    private const byte TcpProtocol = 6;
    private const int RequestBytes = 72;
    private const int AnswerBytes = 88;

    /// <summary>Looks for the IPv4 socket that is bound to <paramref name="local"/> and connected to <paramref name="remote"/>.</summary>
    /// <returns>Its owner, with inode 0 when no process has it open any more, or when there is none; null when the kernel does not tell.</returns>
    public static (uint UserId, uint Inode)? Find(IPEndPoint local, IPEndPoint remote)
    {
        Span<byte> request = stackalloc byte[RequestBytes];
        request.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(request, RequestBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], SocketDiagnosticsByFamily);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], RequestFlag);
        request[16] = InternetFamily;
        request[17] = TcpProtocol;
        BinaryPrimitives.WriteUInt32LittleEndian(request[20..], uint.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(request[24..], (ushort)local.Port);
        BinaryPrimitives.WriteUInt16BigEndian(request[26..], (ushort)remote.Port);
        if (!local.Address.TryWriteBytes(request[28..], out _) || !remote.Address.TryWriteBytes(request[44..], out _))
        {
            return null;
        }

        // "No cookie": any socket with these ends.
        request[64..].Fill(0xff);
        Span<byte> answer = stackalloc byte[512];
        var length = Exchange(request, answer);
        var type = length >= 20 ? BinaryPrimitives.ReadUInt16LittleEndian(answer[4..]) : default;
        return type switch
        {
            SocketDiagnosticsByFamily when length >= AnswerBytes =>
                (BinaryPrimitives.ReadUInt32LittleEndian(answer[80..]), BinaryPrimitives.ReadUInt32LittleEndian(answer[84..])),
            ErrorMessage when BinaryPrimitives.ReadInt32LittleEndian(answer[16..]) == NoSuchEntry => (0, 0),
            _ => null,
        };
    }

    private static nint Exchange(ReadOnlySpan<byte> request, Span<byte> answer)
    {
        var descriptor = OpenSocket(NetlinkFamily, RawSocket | CloseOnExec, SocketDiagnosticsProtocol);
        if (descriptor < 0)
        {
            return -1;
        }

        try
        {
            return Send(descriptor, request, request.Length, 0) == request.Length ? Receive(descriptor, answer, answer.Length, 0) : -1;
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint Send(int descriptor, ReadOnlySpan<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint Receive(int descriptor, Span<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
