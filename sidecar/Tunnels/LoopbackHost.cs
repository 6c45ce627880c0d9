using System.Net;

namespace RdsTunnel.Tunnels;

/// <summary>Hosts that mean the jump host itself. Agents refuse to forward there: its own ports
/// have a session document of their own.</summary>
/// <remarks>Whatever names a tunnel's host (RPC, command line, settings, a team's file) is judged
/// here, by <see cref="TunnelRequest.Host"/>.</remarks>
internal static class LoopbackHost
{
    /// <summary>What the hosts files of Linux distributions call it, beside <c>localhost</c> and the names below it.</summary>
    private static readonly string[] OtherNames =
    [
        "localhost.localdomain",
        "localhost4",
        "localhost4.localdomain4",
        "localhost6",
        "localhost6.localdomain6",
        "ip6-localhost",
        "ip6-loopback",
    ];

    /// <summary>True for <c>localhost</c>, <c>127.0.0.0/8</c>, <c>::1</c>, <c>0.0.0.0</c> and
    /// <c>::</c>, in any spelling that resolvers take.</summary>
    public static bool Is(string host)
    {
        var name = host.Trim().TrimEnd('.');
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || OtherNames.Contains(name, StringComparer.OrdinalIgnoreCase)
            || (
                Address(name) is { } address
                && (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            );
    }

    /// <summary>The address that a host is written as, an IPv4 one in IPv6's clothes undressed; null for a name.</summary>
    /// <remarks>The parser takes what <c>inet_aton</c> takes: <c>127.1</c>, <c>0x7f000001</c>,
    /// <c>017700000001</c>, <c>2130706433</c>.</remarks>
    public static IPAddress? Address(string host)
    {
        var text = host.Trim().TrimEnd('.');
        // In brackets it may be followed by a port, which the parser drops.
        text = text is ['[', .. var inside, ']'] ? inside : text;
        // A scope names an interface here, not there.
        text = text.Split('%')[0];
        return text.Contains(']', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var address) ? null
            : address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
            : address;
    }
}
