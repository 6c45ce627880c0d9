using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Tests.Support;

/// <summary>Signs requests as a client would: Signature Version 4, just enough for the tests' own requests.</summary>
internal static class RequestSigner
{
    public static void Sign(HttpRequestMessage request, byte[] body, string service, EmulatedCredential credential, DateTimeOffset now)
    {
        var date = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = request.RequestUri!.Authority,
            ["x-amz-date"] = date,
        };
        if (credential.SessionToken is { } token)
        {
            headers["x-amz-security-token"] = token;
        }

        foreach (var header in request.Headers)
        {
            headers[header.Key.ToLowerInvariant()] = string.Join(",", header.Value);
        }

        var names = string.Join(';', headers.Keys);
        var canonical =
            $"{request.Method}\n{request.RequestUri.AbsolutePath}\n{request.RequestUri.Query.TrimStart('?')}\n" +
            $"{string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n"))}\n{names}\n{Hex(SHA256.HashData(body))}";
        var scope = $"{date[..8]}/us-east-1/{service}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + credential.SecretAccessKey);
        key = Mac(Mac(Mac(Mac(key, date[..8]), "us-east-1"), service), "aws4_request");

        foreach (var (name, value) in headers.Where(header => header.Key is "x-amz-date" or "x-amz-security-token"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={credential.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={Hex(Mac(key, toSign))}");
    }

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
