using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>Signature Version 4 as its specification says it, written without the SDK: what the service would compute.</summary>
internal static class SigV4
{
    public static bool IsValid(
        HttpRequest request,
        string body,
        string accessKeyId,
        string secretAccessKey,
        string? sessionToken,
        string scope
    )
    {
        const string algorithm = "AWS4-HMAC-SHA256 ";
        var authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith(algorithm, StringComparison.Ordinal))
        {
            return false;
        }

        var fields = authorization[algorithm.Length..]
            .Split(',')
            .Select(field => field.Trim().Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        var credential = fields["Credential"].Split('/', 2);
        var date = request.Headers["X-Amz-Date"].ToString();
        var signedHeaders = fields["SignedHeaders"].Split(';');
        string[] mustBeSigned = sessionToken is null
            ? ["host", "x-amz-date", "x-amz-target"]
            : ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"];
        if (
            credential[0] != accessKeyId
            || credential[1] != $"{date[..8]}/{scope}/aws4_request"
            || !mustBeSigned.All(signedHeaders.Contains)
            || (sessionToken ?? "") != request.Headers["X-Amz-Security-Token"].ToString()
        )
        {
            return false;
        }

        var canonical = new StringBuilder().Append(request.Method).Append('\n').Append(request.Path).Append('\n').Append('\n'); // these calls have no query
        foreach (var name in signedHeaders)
        {
            canonical.Append(name).Append(':').Append(request.Headers[name].ToString().Trim()).Append('\n');
        }

        canonical.Append('\n').Append(fields["SignedHeaders"]).Append('\n').Append(Hex(SHA256.HashData(Encoding.UTF8.GetBytes(body))));

        var stringToSign =
            $"AWS4-HMAC-SHA256\n{date}\n{credential[1]}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secretAccessKey);
        foreach (var part in credential[1].Split('/'))
        {
            key = Hmac(key, part);
        }

        return Hex(Hmac(key, stringToSign)) == fields["Signature"];
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
