using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace RdsTunnel.Loopback;

/// <summary>As which user a process of Windows runs. A process that its user has raised to administrator is still that user's.</summary>
[SupportedOSPlatform("windows")]
internal static partial class ProcessUser
{
    /// <summary>Connections that no process has any more are listed under the first, the kernel's own under the second.</summary>
    private const uint Idle = 0,
        Kernel = 4;

    /// <summary>What may be asked of a process that runs with more rights.</summary>
    private const uint QueryLimitedInformation = 0x1000;

    private const uint QueryToken = 8;
    private const int UserOfToken = 1;
    private const int AccessDenied = 5;
    private const int NoSuchProcess = 87;

    private static readonly byte[]? Self = Find((uint)Environment.ProcessId, out _);

    public static PeerOwner OwnerOf(uint processId) =>
        processId switch
        {
            Idle => PeerOwner.None,
            Kernel => PeerOwner.Other,
            _ when Self is null => PeerOwner.Unknown,
            _ => Compare(Find(processId, out var error), error),
        };

    private static PeerOwner Compare(byte[]? user, int error) =>
        (user, error) switch
        {
            (not null, _) => user.AsSpan().SequenceEqual(Self) ? PeerOwner.Self : PeerOwner.Other,
            (_, NoSuchProcess) => PeerOwner.None,
            (_, AccessDenied) => PeerOwner.Hidden,
            _ => PeerOwner.Unknown,
        };

    /// <returns>The user's SID; null with the error of the system.</returns>
    private static byte[]? Find(uint processId, out int error)
    {
        using var process = OpenProcess(QueryLimitedInformation, inheritHandle: 0, processId);
        if (process.IsInvalid)
        {
            error = Marshal.GetLastPInvokeError();
            return null;
        }

        if (OpenToken(process, QueryToken, out var token) == 0)
        {
            error = Marshal.GetLastPInvokeError();
            token.Dispose();
            return null;
        }

        using (token)
        {
            // TOKEN_USER, and the SID that it points to: 16 and at most 68 bytes.
            Span<byte> information = stackalloc byte[128];
            if (GetTokenInformation(token, UserOfToken, information, information.Length, out var length) == 0)
            {
                error = Marshal.GetLastPInvokeError();
                return null;
            }

            error = 0;
            var sid = TokenUser.SidOf(information[..length], AddressOf(information));
            return sid.IsEmpty ? null : sid.ToArray();
        }
    }

    /// <param name="onStack">It doesn't move.</param>
    private static unsafe long AddressOf(Span<byte> onStack)
    {
        fixed (byte* start = onStack)
        {
            return (long)start;
        }
    }

    [LibraryImport("kernel32.dll", SetLastError = true)]
    private static partial SafeProcessHandle OpenProcess(uint access, int inheritHandle, uint processId);

    [LibraryImport("advapi32.dll", EntryPoint = "OpenProcessToken", SetLastError = true)]
    private static partial int OpenToken(SafeProcessHandle process, uint access, out SafeAccessTokenHandle token);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    private static partial int GetTokenInformation(
        SafeAccessTokenHandle token,
        int kind,
        Span<byte> information,
        int length,
        out int lengthNeeded
    );
}
