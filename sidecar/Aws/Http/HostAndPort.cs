using System.Globalization;
using System.Net;

namespace RdsTunnel.Aws.Http;

/// <summary><c>host</c>, <c>host:443</c>, <c>[::1]:443</c>, <c>::1</c>.</summary>
internal static class HostAndPort
{
    /// <param name="host">Without brackets.</param>
    public static bool TryParse(string text, out string host, out int? port)
    {
        (host, port) = (text, null);
        if (text is ['[', ..])
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0)
            {
                return false;
            }

            host = text[1..end];
            return text.Length == end + 1 || (text[end + 1] == ':' && TryPort(text[(end + 2)..], out port));
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || colon != text.LastIndexOf(':'))
        {
            return host.Length > 0; // a bare IPv6 address has several
        }

        host = text[..colon];
        return host.Length > 0 && TryPort(text[(colon + 1)..], out port);
    }

    private static bool TryPort(string text, out int? port)
    {
        var isPort =
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= IPEndPoint.MaxPort;
        port = isPort ? number : null;
        return isPort;
    }
}
