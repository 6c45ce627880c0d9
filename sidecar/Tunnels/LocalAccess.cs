namespace RdsTunnel.Tunnels;

/// <summary>How programs of this machine reach tunnels, beside the port of 127.0.0.1.</summary>
/// <param name="OthersMayConnect">Other users of this machine may connect to tunnels without a login or with a local password.</param>
/// <param name="SocketFolder">Where the socket files are; null where there is no place.</param>
/// <param name="CertificateFolder">Where the certificates of tunnels that offer TLS are; null where there is no place.</param>
public sealed record LocalAccess(bool OthersMayConnect = false, string? SocketFolder = null, string? CertificateFolder = null);
