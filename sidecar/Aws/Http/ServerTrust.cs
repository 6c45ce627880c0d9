using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RdsTunnel.Aws.Files;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Http;

/// <summary>Trusts what the system trusts, and beside it the authorities of a bundle: those of a
/// company's proxy, say. Thread-safe.</summary>
/// <remarks>The AWS CLI trusts the bundle alone. To add to what is trusted breaks nobody, and no
/// bundle needs a copy of the system's then.</remarks>
internal sealed class ServerTrust
{
    /// <summary>A bundle of all public authorities has a quarter of it.</summary>
    private const int MaxBundleBytes = 1 << 20;

    private const string Sources = "AWS_CA_BUNDLE, the profile's ca_bundle or REQUESTS_CA_BUNDLE";

    private readonly X509Certificate2Collection? _authorities;

    private ServerTrust(X509Certificate2Collection? authorities) => _authorities = authorities;

    /// <summary>Beside the system's.</summary>
    public X509Certificate2Collection Authorities => _authorities ?? [];

    /// <summary>What the system trusts.</summary>
    public static ServerTrust System { get; } = new([]);

    /// <summary>Anybody, for whoever has asked for that in so many words.</summary>
    public static ServerTrust Anybody { get; } = new(null);

    /// <param name="path">A file of certificates in PEM.</param>
    /// <exception cref="AwsException">It cannot be read, or holds none.</exception>
    public static ServerTrust With(string path)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(
                Encoding.ASCII.GetString(BoundedFile.Read(path, MaxBundleBytes) ?? throw new UnreadableFileException("it does not exist"))
            );
        }
        catch (UnreadableFileException e)
        {
            throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"The certificate bundle {BoundedFile.Describe(path)} ({Sources}) can't be read: {e.Message}."
            );
        }
        catch (CryptographicException)
        {
            throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"The certificate bundle {BoundedFile.Describe(path)} ({Sources}) contains an unreadable certificate."
            );
        }

        return authorities.Count > 0
            ? new ServerTrust(authorities)
            : throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"The certificate bundle {BoundedFile.Describe(path)} ({Sources}) contains no PEM certificate."
            );
    }

    /// <inheritdoc cref="RemoteCertificateValidationCallback"/>
    /// <exception cref="CertificateRefusedException">It is not accepted.</exception>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || _authorities is null)
        {
            return true;
        }

        // A name that is not the server's own is refused, whoever has signed it.
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 server || _authorities.Count == 0)
        {
            throw CertificateRefusedException.For(errors, chain);
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // of authorities that publish no list
        own.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // for servers
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return own.Build(server) ? true : throw CertificateRefusedException.For(errors, own);
    }
}
