using System.Net;
using System.Net.NetworkInformation;

namespace RdsTunnel.Discovery.Names;

public static class NameServers
{
    private const int DnsPort = 53;

    /// <summary>Addresses, with or without a port, between commas.</summary>
    /// <returns>Null when there is none.</returns>
    public static IReadOnlyList<IPEndPoint>? Parse(string? text)
    {
        var servers = (text ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(each =>
                IPEndPoint.TryParse(each, out var server)
                    ? server.Port == 0
                        ? new IPEndPoint(server.Address, DnsPort)
                        : server
                    : null
            )
            .OfType<IPEndPoint>()
            .ToList();
        return servers.Count > 0 ? servers : null;
    }

    /// <summary>Those of the connected networks, as they are now: a VPN brings others.</summary>
    public static IReadOnlyList<IPEndPoint> OfThisMachine()
    {
        try
        {
            return
            [
                .. NetworkInterface
                    .GetAllNetworkInterfaces()
                    .Where(each => each.OperationalStatus == OperationalStatus.Up)
                    .SelectMany(each => each.GetIPProperties().DnsAddresses)
                    .Where(address => !address.IsIPv6SiteLocal) // Windows' placeholders
                    .Distinct()
                    .Select(address => new IPEndPoint(address, DnsPort)),
            ];
        }
        catch (NetworkInformationException)
        {
            return []; // a network that is just going away
        }
    }
}
