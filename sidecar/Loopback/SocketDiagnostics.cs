using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace RdsTunnel.Loopback;

/// <summary>Asks the Linux kernel about one TCP socket of this machine: sock_diag(7), the exact look-up, so that it costs the same
/// whatever the number of connections. Thread-safe.</summary>
/// <remarks><code>
/// request                              answer
/// 0   16  nlmsghdr                     0   16  nlmsghdr
/// 16  1   family, AF_INET…             16  4   family, state, timer, retransmissions
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
    private const byte InternetFamily6 = 10;
    private const byte TcpProtocol = 6;
    private const int RequestBytes = 72;
    private const int AnswerBytes = 88;

    private const int Interrupted = 4;
    private const int OutOfMemory = 12;
    private const int TooManyFilesInSystem = 23;
    private const int TooManyFiles = 24;
    private const int NoBufferSpace = 105;

    private static readonly Lock Gate = new();

    /// <summary>Opened once, and kept: whoever uses up our descriptors must not be able to blind
    /// us. Guarded by <see cref="Gate"/>.</summary>
    private static int _socket = -1;

    /// <summary>Sequence number of the last request; an answer to another one is left over. Guarded by <see cref="Gate"/>.</summary>
    private static uint _sequence;

    /// <summary>Looks for the socket that is bound to <paramref name="local"/> and connected to <paramref name="remote"/>.</summary>
    public static PeerOwner Find(IPEndPoint local, IPEndPoint remote)
    {
        Span<byte> request = stackalloc byte[RequestBytes];
        request.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(request, RequestBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], SocketDiagnosticsByFamily);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], RequestFlag);
        request[16] = local.AddressFamily == AddressFamily.InterNetworkV6 ? InternetFamily6 : InternetFamily;
        request[17] = TcpProtocol;
        BinaryPrimitives.WriteUInt32LittleEndian(request[20..], uint.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(request[24..], (ushort)local.Port);
        BinaryPrimitives.WriteUInt16BigEndian(request[26..], (ushort)remote.Port);
        if (!local.Address.TryWriteBytes(request[28..], out _) || !remote.Address.TryWriteBytes(request[44..], out _))
        {
            return PeerOwner.Unknown;
        }

        // "No cookie": any socket with these ends.
        request[64..].Fill(0xff);
        Span<byte> answer = stackalloc byte[512];
        lock (Gate)
        {
            if (_socket < 0 && (_socket = OpenSocket(NetlinkFamily, RawSocket | CloseOnExec, SocketDiagnosticsProtocol)) < 0)
            {
                return OnOpenError(Marshal.GetLastPInvokeError());
            }

            BinaryPrimitives.WriteUInt32LittleEndian(request[8..], ++_sequence);
            return Exchange(request, answer) is var length and > 0 ? Read(answer[..(int)length]) : PeerOwner.Unknown;
        }
    }

    /// <summary>Whether a system that gave this error for a socket never tells, or only not now.</summary>
    internal static PeerOwner OnOpenError(int error) =>
        error is TooManyFiles or TooManyFilesInSystem or OutOfMemory or NoBufferSpace ? PeerOwner.Unknown : PeerOwner.NotSupported;

    private static PeerOwner Read(ReadOnlySpan<byte> answer) =>
        BinaryPrimitives.ReadUInt16LittleEndian(answer[4..]) switch
        {
            SocketDiagnosticsByFamily when answer.Length >= AnswerBytes => BinaryPrimitives.ReadUInt32LittleEndian(answer[84..]) == 0
                ? PeerOwner.None
                : UnixUser.OwnerOf(BinaryPrimitives.ReadUInt32LittleEndian(answer[80..])),
            ErrorMessage when BinaryPrimitives.ReadInt32LittleEndian(answer[16..]) == NoSuchEntry => PeerOwner.None,
            _ => PeerOwner.Unknown,
        };

    /// <returns>The length of the answer; -1 when there is none.</returns>
    private static nint Exchange(ReadOnlySpan<byte> request, Span<byte> answer)
    {
        while (Send(_socket, request, request.Length, 0) != request.Length)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                return -1;
            }
        }

        while (true)
        {
            var length = Receive(_socket, answer, answer.Length, 0);
            if (length < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            {
                continue;
            }

            if (length < 20)
            {
                return -1;
            }

            // Anything else answers a request whose answer could not be read.
            if (BinaryPrimitives.ReadUInt32LittleEndian(answer[8..]) == _sequence)
            {
                return length;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, ReadOnlySpan<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int descriptor, Span<byte> buffer, nint length, int flags);
}
