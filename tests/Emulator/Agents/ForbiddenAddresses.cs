using System.Net;
using System.Net.Sockets;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Agents;

/// <summary>Where agents refuse to forward to, by version.</summary>
/// <remarks>The lists up to 3.3.551.0 are those of the agent's own source. Of 3.3.4851.0 and
/// 3.3.5068.0 only the release notes could be read: the first added loopback
/// and the credential endpoints, and compares canonical addresses; the second closed a way around
/// the first, taken here for the unspecified address, which
/// systems connect to themselves.</remarks>
internal static class ForbiddenAddresses
{
    private static readonly DottedVersion VpcSince = new(3, 1, 1374, 0);
    private static readonly DottedVersion LoopbackSince = new(3, 3, 4851, 0);
    private static readonly DottedVersion UnspecifiedSince = new(3, 3, 5068, 0);

    private static readonly (DottedVersion Since, string[] Addresses)[] Lists =
    [
        (new(3, 1, 1188, 0), ["169.254.169.254", "fd00:ec2::254", "169.254.169.253", "fd00:ec2::253"]),
        (new(3, 1, 1374, 0), ["169.254.169.123", "169.254.169.250"]),
        (new(3, 3, 551, 0), ["fd00:ec2::123", "169.254.169.251", "fd00:ec2::240"]),
        (new(3, 3, 4851, 0), ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]),
    ];

    /// <summary>True when one of the host's addresses is forbidden. A name that cannot be resolved
    /// is not: dialling it fails by itself.</summary>
    /// <param name="resolve">The agent's DNS. An address of this machine that it gives for a name
    /// stands for one elsewhere, so it is not forbidden.</param>
    public static async Task<bool> ContainAsync(
        string host,
        EmulatedInstance instance,
        Func<string, string> resolve,
        CancellationToken cancellationToken
    )
    {
        var version = AgentVersions.Parse(instance.AgentVersion);
        var found = resolve(host);
        var isStandIn = found != host && IPAddress.TryParse(found, out var mapped) && IPAddress.IsLoopback(mapped);
        return !isStandIn
            && (await AddressesOfAsync(found, cancellationToken).ConfigureAwait(false)).Any(address =>
                Contain(address, version, instance.VpcCidrBlocks)
            );
    }

    /// <summary>True when agents of a version refuse an address.</summary>
    public static bool Contain(IPAddress address, DottedVersion version, IEnumerable<string> vpcCidrBlocks)
    {
        var canonical = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Lists.Any(list => version >= list.Since && list.Addresses.Any(each => IPAddress.Parse(each).Equals(canonical)))
            || (version >= VpcSince && vpcCidrBlocks.Any(block => IsReserved(canonical, IPNetwork.Parse(block))))
            || (version >= LoopbackSince && IPAddress.IsLoopback(canonical))
            || (version >= UnspecifiedSince && (canonical.Equals(IPAddress.Any) || canonical.Equals(IPAddress.IPv6Any)));
    }

    // Of each block of a VPC the first four addresses and the last one are AWS's.
    private static bool IsReserved(IPAddress address, IPNetwork block)
    {
        if (!block.Contains(address))
        {
            return false;
        }

        var (bytes, first) = (address.GetAddressBytes(), block.BaseAddress.GetAddressBytes());
        var isLast = true;
        for (var bit = block.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            isLast &= (bytes[bit / 8] & (0x80 >> (bit % 8))) != 0;
        }

        return isLast || (bytes.AsSpan(..^1).SequenceEqual(first.AsSpan(..^1)) && bytes[^1] - first[^1] is >= 0 and < 4);
    }

    private static async Task<IPAddress[]> AddressesOfAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
