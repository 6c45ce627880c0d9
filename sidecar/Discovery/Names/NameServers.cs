using System.Net;
using System.Net.NetworkInformation;

namespace RdsTunnel.Discovery.Names;

internal static class NameServers
{
    private const int DnsPort = 53;

    /// <summary>Those of the connected networks, as they are now: a VPN brings others.</summary>
    public static IReadOnlyList<IPEndPoint> OfThisMachine()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces().Where(each => each.OperationalStatus == OperationalStatus.Up)
                    .SelectMany(each => each.GetIPProperties().DnsAddresses).Where(address => !address.IsIPv6SiteLocal) // Windows' placeholders
                    .Distinct().Select(address => new IPEndPoint(address, DnsPort)),
            ];
        }
        catch (NetworkInformationException)
        {
            return []; // a network that is just going away
        }
    }
}
