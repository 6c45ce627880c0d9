using System.Text.RegularExpressions;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Channels;

/// <summary>Says whether the address of a data channel may get the session's token and a signature.</summary>
/// <remarks><code>
/// ssmmessages.eu-central-1.amazonaws.com                                  also ssmmessages-fips
/// ssmmessages.eu-central-1.api.aws                                        dual stack
/// vpce-0a1b-2c3d.ssmmessages.eu-central-1.vpce.amazonaws.com              a VPC endpoint, also of one zone: vpce-0a1b-2c3d-eu-central-1a
/// </code>
/// Other partitions have other suffixes. Beside these, only what the user has named as an endpoint.</remarks>
internal static partial class StreamAddress
{
    private const int MaxPartChars = 24; // between dots and hyphens; what is longer may be a token

    private const int MaxQuotedChars = 200; // the longest host name has 253; more than this helps nobody

    /// <summary>The address, whose bytes go out as they are in <paramref name="text"/>; null when it is none that may be used.</summary>
    public static Uri? TryRead(string? text, AwsSettings settings)
    {
        if (text is null || !WellFormed().IsMatch(text))
        {
            return null;
        }

        // The path and the query have been looked at; the class would write some of their characters anew.
        return
            Uri.TryCreate(text, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var url)
            && (IsGateway(url, settings.Region) || IsNamedByUser(url, settings.EndpointUrl) || IsNamedByUser(url, settings.GatewayUrl))
            ? url
            : null;
    }

    /// <summary>What an error may say of an address: the scheme, and where it leads. Never a path,
    /// a user name, a control character, or what may be a token.</summary>
    public static string Describe(string? text)
    {
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Host.Length == 0
            || url.Scheme is not ("wss" or "ws" or "https" or "http")
        )
        {
            return "an invalid address";
        }

        var port = url.IsDefaultPort || url.Port < 0 ? "" : $":{url.Port}";
        var host = string.Join(
            '.',
            url.IdnHost.Split('.').Select(label => Array.Exists(label.Split('-'), part => part.Length > MaxPartChars) ? "***" : label)
        );
        var quoted = $"{url.Scheme}://{host}{port}";
        return Unprintable().Replace(quoted[..Math.Min(quoted.Length, MaxQuotedChars)], "?");
    }

    private static bool IsGateway(Uri url, string region)
    {
        var partition = Fn.Partition(region);
        var suffix = (string)Fn.GetAttr(partition, "dnsSuffix");
        return url.Scheme == "wss"
            && url.IsDefaultPort
            && (
                GatewayOf(region, suffix).Contains(url.Host)
                || GatewayOf(region, (string)Fn.GetAttr(partition, "dualStackDnsSuffix")).Contains(url.Host)
                || (
                    VpcEndpoint().Match(url.Host) is { Success: true } endpoint
                    && GatewayOf(region, $"vpce.{suffix}").Contains(endpoint.Groups["gateway"].Value)
                )
            );
    }

    private static string[] GatewayOf(string region, string suffix) =>
        [$"ssmmessages.{region}.{suffix}", $"ssmmessages-fips.{region}.{suffix}"];

    // Plain HTTP is accepted on this machine only; there the gateway may be beside the API, at a port of its own.
    private static bool IsNamedByUser(Uri url, Uri? named) =>
        named is not null
        && (
            named.Scheme == Uri.UriSchemeHttp
                ? url.Scheme is "ws" or "wss" && url.IsLoopback
                : url.Scheme == "wss" && url.IdnHost == named.IdnHost && url.Port == named.Port
        );

    // The characters of RFC 3986, without a user name or a fragment.
    [GeneratedRegex("^[Ww][Ss][Ss]?://[A-Za-z0-9.:\\[\\]-]+/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*\\z")]
    private static partial Regex WellFormed();

    [GeneratedRegex("^vpce-[a-z0-9-]+\\.(?<gateway>.+)\\z")]
    private static partial Regex VpcEndpoint();

    [GeneratedRegex("[^!-~]")]
    private static partial Regex Unprintable();
}
