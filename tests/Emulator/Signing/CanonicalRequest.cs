using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace RdsTunnel.Emulator.Signing;

/// <summary>The text over which a request is signed: method, path, query, signed headers and the digest of the body, a line each.</summary>
internal static class CanonicalRequest
{
    public static string Of(HttpRequest request, IReadOnlyList<string> signedHeaders, ReadOnlySpan<byte> body)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2);
        return new StringBuilder()
            .Append(request.Method)
            .Append('\n')
            .Append(CanonicalPath(target[0]))
            .Append('\n')
            .Append(target.Length == 2 ? CanonicalQuery(target[1]) : "")
            .Append('\n')
            .Append(CanonicalHeaders(request.Headers, signedHeaders))
            .Append('\n')
            .AppendJoin(';', signedHeaders)
            .Append('\n')
            .Append(Convert.ToHexStringLower(SHA256.HashData(body)))
            .ToString();
    }

    // The path on the wire is encoded once already; every service but S3 encodes each segment a second time.
    private static string CanonicalPath(string path) =>
        path is "" or "/" ? "/" : string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private static string CanonicalQuery(string query) =>
        string.Join(
            '&',
            query
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(pair => pair.Split('=', 2))
                .Select(pair => (Name: Normalize(pair[0]), Value: pair.Length == 2 ? Normalize(pair[1]) : ""))
                .OrderBy(pair => pair.Name, StringComparer.Ordinal)
                .ThenBy(pair => pair.Value, StringComparer.Ordinal)
                .Select(pair => $"{pair.Name}={pair.Value}")
        );

    // As in a form, a raw plus is a space.
    private static string Normalize(string encoded) => Uri.EscapeDataString(Uri.UnescapeDataString(encoded.Replace('+', ' ')));

    private static string CanonicalHeaders(IHeaderDictionary headers, IReadOnlyList<string> signedHeaders)
    {
        var text = new StringBuilder();
        foreach (var name in signedHeaders)
        {
            text.Append(name).Append(':').Append(CanonicalValue(headers[name])).Append('\n');
        }

        return text.ToString();
    }

    private static string CanonicalValue(StringValues values) =>
        string.Join(',', values.Select(value => string.Join(' ', (value ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))));
}
