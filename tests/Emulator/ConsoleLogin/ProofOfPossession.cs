using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RdsTunnel.Emulator.ConsoleLogin;

/// <summary>Looks at a DPoP proof as RFC 9449 (4.3) says.</summary>
internal static class ProofOfPossession
{
    private const int MaxAgeSeconds = 300;

    /// <summary>The thumbprint (RFC 7638) of the key that made it; null when it is none for this request.</summary>
    public static string? Verify(string proof, string method, Uri url, DateTimeOffset now)
    {
        try
        {
            if (proof.Split('.') is not [var header, var claims, var signature])
            {
                return null;
            }

            var (head, body) = (Parse(header), Parse(claims));
            if (
                Text(head, "typ") != "dpop+jwt"
                || Text(head, "alg") != "ES256"
                || head["jwk"] is not JsonObject jwk
                || jwk.ContainsKey("d")
                || Text(jwk, "kty") != "EC"
                || Text(jwk, "crv") != "P-256"
                || Text(jwk, "x") is not { } x
                || Text(jwk, "y") is not { } y
            )
            {
                return null;
            }

            if (
                Text(body, "htm") != method
                || Text(body, "htu") != url.AbsoluteUri
                || string.IsNullOrEmpty(Text(body, "jti"))
                || Math.Abs((body["iat"] ?? throw new JsonException()).GetValue<long>() - now.ToUnixTimeSeconds()) > MaxAgeSeconds
            )
            {
                return null;
            }

            using var key = ECDsa.Create(
                new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) },
                }
            );
            return key.VerifyData(
                Encoding.ASCII.GetBytes($"{header}.{claims}"),
                Base64Url.DecodeFromChars(signature),
                HashAlgorithmName.SHA256
            )
                ? Thumbprint(x, y)
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or CryptographicException or InvalidOperationException)
        {
            return null;
        }
    }

    public static string Thumbprint(string x, string y) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));

    private static JsonObject Parse(string part) =>
        JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject ?? throw new JsonException();

    private static string? Text(JsonObject json, string name) =>
        json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
