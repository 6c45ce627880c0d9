using System.Globalization;
using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;

namespace RdsTunnel.Aws.Channels;

/// <summary>Signs the GET of a data channel's upgrade as the reference client does.</summary>
/// <remarks>
/// The canonical request is not made of the wire's bytes: the query is read as a form is (a raw <c>+</c> is a space) and written anew, the
/// path is escaped once more. The SDK's own signer does neither, so it only computes the signature.
/// </remarks>
internal static class ChannelSigner
{
    private const string SigningName = "ssmmessages";
    private const string DateHeader = "X-Amz-Date";
    private const string TokenHeader = "X-Amz-Security-Token";
    private const string DigestOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static readonly HashSet<string> PresignedNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        DateHeader,
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
        TokenHeader,
    };

    /// <summary>The address bears a signature in its query.</summary>
    public static bool IsPresigned(Uri url) => QueryOf(url).Exists(parameter => PresignedNames.Contains(parameter.Name));

    /// <param name="url">As it goes out, of the characters that a URL may have.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(Uri url, string region, ImmutableCredentials keys, DateTimeOffset time)
    {
        var date = time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        List<KeyValuePair<string, string>> signed = [new("host", url.Authority), new("x-amz-date", date)];
        List<KeyValuePair<string, string>> headers = [new(DateHeader, date)];
        if (keys.UseToken)
        {
            signed.Add(new("x-amz-security-token", keys.Token));
            headers.Add(new(TokenHeader, keys.Token));
        }

        var names = string.Join(';', signed.Select(header => header.Key));
        var canonical = new StringBuilder("GET\n")
            .Append(CanonicalPath(url))
            .Append('\n')
            .Append(CanonicalQuery(url))
            .Append('\n')
            .AppendJoin("", signed.Select(header => $"{header.Key}:{header.Value}\n"))
            .Append('\n')
            .Append(names)
            .Append('\n')
            .Append(DigestOfNothing)
            .ToString();
        var signature = AWS4Signer.ComputeSignature(
            keys.AccessKey,
            keys.SecretKey,
            region,
            time.UtcDateTime,
            SigningName,
            names,
            canonical,
            metrics: null
        );
        headers.Add(new("Authorization", signature.ForAuthorizationHeader));
        return headers;
    }

    private static string CanonicalPath(Uri url) =>
        url.AbsolutePath is { Length: > 0 } path ? string.Join('/', path.Split('/').Select(Uri.EscapeDataString)) : "/";

    private static string CanonicalQuery(Uri url) =>
        string.Join(
            '&',
            QueryOf(url)
                .OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
                .ThenBy(parameter => parameter.Value, StringComparer.Ordinal)
                .Select(parameter => $"{Escape(parameter.Name)}={Escape(parameter.Value)}")
        );

    // A parameter with a semicolon is none to the reference client.
    private static List<(string Name, string Value)> QueryOf(Uri url) =>
        [
            .. url
                .Query.TrimStart('?')
                .Split('&')
                .Where(text => text.Length > 0 && !text.Contains(';', StringComparison.Ordinal))
                .Select(text => text.Split('=', 2))
                .Select(pair => (Unescape(pair[0]), pair.Length == 2 ? Unescape(pair[1]) : "")),
        ];

    // Each byte is a character of its own here, so that what is no UTF-8 survives, and the order is that of the bytes.
    private static string Unescape(string text)
    {
        var bytes = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (
                text[i] == '%'
                && i + 2 < text.Length
                && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            )
            {
                bytes.Append((char)value);
                i += 2;
            }
            else
            {
                bytes.Append(text[i] == '+' ? ' ' : text[i]);
            }
        }

        return bytes.ToString();
    }

    private static string Escape(string bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
        {
            _ =
                char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~'
                    ? text.Append(value)
                    : text.Append(CultureInfo.InvariantCulture, $"%{(int)value:X2}");
        }

        return text.ToString();
    }
}
