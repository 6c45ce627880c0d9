using System.Net;

namespace RdsTunnel.Aws.Http;

/// <summary>Where a proxy is, and who it is told we are.</summary>
internal sealed record ProxyAddress(Uri Url, NetworkCredential? Credentials)
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;
    private const int SocksPort = 1080;

    /// <summary><c>[scheme://][user:password@]host[:port][/]</c>; the password may hold any character, encoded or not.</summary>
    /// <param name="source">The variable's name, for people. What is wrong in its value is not quoted: it may be a password.</param>
    /// <exception cref="AwsException">It is no such thing.</exception>
    public static ProxyAddress Parse(string text, string source)
    {
        var rest = text.Trim();
        var scheme = "http";
        if (rest.IndexOf("://", StringComparison.Ordinal) is var colon and >= 0)
        {
            scheme = rest[..colon].ToLowerInvariant();
            rest = rest[(colon + 3)..];
        }

        NetworkCredential? credentials = null;
        if (rest.LastIndexOf('@') is var at and >= 0)
        {
            var user = rest[..at].Split(':', 2);
            credentials = new NetworkCredential(Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");
            rest = rest[(at + 1)..];
        }

        var (known, defaultPort) = scheme switch
        {
            "http" => ("http", HttpPort),
            "https" => ("https", HttpsPort),
            "socks5" or "socks5h" => ("socks5", SocksPort), // the proxy resolves the name either way
            "socks4" or "socks4a" => (scheme, SocksPort),
            _ => throw Refused(source),
        };
        var authority = rest.TrimEnd('/');
        return
            authority.Length > 0
            && authority.IndexOfAny(['/', '?', '#', '\\', ' ']) < 0
            && HostAndPort.TryParse(authority, out var host, out var port)
            && Uri.CheckHostName(host) is not UriHostNameType.Unknown and var type
            && Uri.TryCreate(
                $"{known}://{(type == UriHostNameType.IPv6 ? $"[{host}]" : host)}:{port ?? defaultPort}",
                UriKind.Absolute,
                out var url
            )
            ? new ProxyAddress(url, credentials)
            : throw Refused(source);
    }

    public override string ToString() => Url.Authority;

    private static AwsException Refused(string source) =>
        new(
            AwsErrorCode.ConfigurationInvalid,
            $"{source} isn't a proxy address. Use http://user:password@proxy.example:3128 with http, https, socks4 or socks5. Correct the variable, or http.proxy in your editor."
        );
}
