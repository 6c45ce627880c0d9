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
        var extra = request.Headers.Select(header => KeyValuePair.Create(header.Key.ToLowerInvariant(), string.Join(",", header.Value)));
        foreach (
            var (name, value) in HeadersOf(request.Method.Method, request.RequestUri!, extra, body, $"us-east-1/{service}", credential, now)
        )
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>The headers that sign a request.</summary>
    /// <param name="regionAndService">As the scope has them: <c>us-east-1/ssm</c>.</param>
    /// <param name="leftOut">A header that is sent but not signed.</param>
    public static IReadOnlyDictionary<string, string> HeadersOf(
        string method,
        Uri url,
        IEnumerable<KeyValuePair<string, string>> extra,
        byte[] body,
        string regionAndService,
        EmulatedCredential credential,
        DateTimeOffset now,
        string? leftOut = null
    )
    {
        var date = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var sent = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["x-amz-date"] = date };
        if (credential.SessionToken is { } token)
        {
            sent["x-amz-security-token"] = token;
        }

        var signed = new SortedDictionary<string, string>(sent.Concat(extra).ToDictionary(), StringComparer.Ordinal)
        {
            ["host"] = url.Authority,
        };
        signed.Remove(leftOut ?? "");
        var names = string.Join(';', signed.Keys);
        var canonical =
            $"{method}\n{string.Join('/', url.AbsolutePath.Split('/').Select(Uri.EscapeDataString))}\n{CanonicalQuery(url.Query)}\n"
            + $"{string.Concat(signed.Select(header => $"{header.Key}:{header.Value}\n"))}\n{names}\n{Hex(SHA256.HashData(body))}";
        var scope = $"{date[..8]}/{regionAndService}/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + credential.SecretAccessKey), Mac);
        sent["Authorization"] =
            $"AWS4-HMAC-SHA256 Credential={credential.AccessKeyId}/{scope}, SignedHeaders={names}, Signature={Hex(Mac(key, toSign))}";
        return sent;
    }

    private static string CanonicalQuery(string query) =>
        string.Join(
            '&',
            query
                .TrimStart('?')
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair =>
                    string.Join(
                        '=',
                        pair.Split('=', 2).Select(part => Uri.EscapeDataString(Uri.UnescapeDataString(part.Replace('+', ' '))))
                    )
                )
                .Order(StringComparer.Ordinal)
        );

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
