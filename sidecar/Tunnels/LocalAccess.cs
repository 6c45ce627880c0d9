using System.Net;

namespace RdsTunnel.Tunnels;

/// <summary>How programs reach tunnels.</summary>
/// <param name="OthersMayConnect">Other users of this machine may connect to tunnels without a login or with a local password.</param>
/// <param name="SocketFolder">Where the socket files are; null where there is no place.</param>
/// <param name="CertificateFolder">Where the certificates of tunnels that offer TLS are; null where there is no place.</param>
public sealed record LocalAccess(bool OthersMayConnect = false, string? SocketFolder = null, string? CertificateFolder = null)
{
    /// <summary>Where ports are bound. Beyond the loopback nobody can tell whose a connection is: everybody may connect.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The socket file of each tunnel, for neighbors: in a folder of the operator's, who says
    /// by its permissions who gets there. Null for files in <see cref="SocketFolder"/> that only this user can open.</summary>
    public Func<TunnelRequest, string>? SocketPathOf { get; init; }

    public bool IsOfNetwork => !IPAddress.IsLoopback(Address);

    public static LocalAccess OfThisMachine { get; } = new();
}
