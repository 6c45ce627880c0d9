using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RdsTunnel.Faults;

/// <summary>A server's certificate is not accepted. Thrown by the callback that judges it, so that
/// the reason is not lost on the way.</summary>
#pragma warning disable CA1032 // it has a reason, always
public sealed class CertificateRefusedException(string words, bool isOfUnknownAuthority) : Exception(words)
#pragma warning restore CA1032
{
    /// <summary>A part of a sentence: <c>the certificate has expired</c>.</summary>
    public string Words { get; } = words;

    /// <summary>Nobody who is trusted here has signed it: a proxy may inspect TLS.</summary>
    public bool IsOfUnknownAuthority { get; } = isOfUnknownAuthority;

    /// <param name="chain">Why the system does not trust it.</param>
    public static CertificateRefusedException For(SslPolicyErrors errors, X509Chain? chain)
    {
        var status = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return errors switch
        {
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => new("the server sent no certificate", false),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => new("the certificate is for another host name", false),
            _ when status.HasFlag(X509ChainStatusFlags.NotTimeValid) => new(
                "the certificate has expired or isn't valid yet (check this computer's clock)",
                false
            ),
            _ when status.HasFlag(X509ChainStatusFlags.Revoked) => new("the certificate was revoked", false),
            _ when (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0 => new(
                "the certificate's issuer isn't trusted",
                true
            ),
            _ => new($"the certificate was rejected ({status})", false),
        };
    }
}
