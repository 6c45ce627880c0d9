using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RdsTunnel.Aws.ConsoleLogin;

/// <summary>The proof that whoever uses a token has the key to which it is bound: DPoP, RFC 9449.</summary>
internal static class PossessionProof
{
    public const string Header = "DPoP";

    /// <summary>For one request; a JWT signed with ES256.</summary>
    /// <param name="privateKeyPem">On the curve P-256.</param>
    /// <exception cref="CryptographicException">It is no such key.</exception>
    /// <exception cref="ArgumentException">It is no PEM.</exception>
    public static string Create(string privateKeyPem, HttpMethod method, Uri url, DateTimeOffset now)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(privateKeyPem);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var header =
            $$$"""{"alg":"ES256","typ":"dpop+jwt","jwk":{"kty":"EC","crv":"P-256","x":"{{{Base64Url.EncodeToString(point.X)}}}","y":"{{{Base64Url.EncodeToString(point.Y)}}}"}}""";
        var claims =
            $$"""{"jti":"{{Guid.NewGuid()}}","htm":"{{method}}","htu":"{{JsonEncodedText.Encode(url.AbsoluteUri)}}","iat":{{now.ToUnixTimeSeconds()}}}""";
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
