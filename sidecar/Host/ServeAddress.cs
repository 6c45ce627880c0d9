using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace RdsTunnel.Host;

/// <summary>Where tunnels of a headless process may listen: on the loopback; in a container on its private network; elsewhere only when
/// the operator says so.</summary>
internal static class ServeAddress
{
    /// <summary>Of what makes a container, each engine's own.</summary>
    private static readonly string[] ContainerFiles = ["/.dockerenv", "/run/.containerenv"];

    private static readonly string[] ContainerVariables = ["KUBERNETES_SERVICE_HOST", "ECS_CONTAINER_METADATA_URI_V4", "container"];

    /// <summary>RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291.</summary>
    private static readonly IPNetwork[] PrivateNetworks =
    [
        IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("::1/128"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/10"),
    ];

    /// <returns>Why tunnels must not listen there, in a sentence; null when they may.</returns>
    public static string? ProblemOf(IPAddress address, bool allowNetwork) =>
        ProblemOf(address, allowNetwork, IsInContainer(File.Exists, Environment.GetEnvironmentVariable), OwnAddresses);

    /// <param name="own">The addresses of this machine, for one that means all of them.</param>
    internal static string? ProblemOf(IPAddress address, bool allowNetwork, bool isInContainer, Func<IReadOnlyList<IPAddress>> own)
    {
        const string Advice =
            "Every program that reaches this address could use the tunnels. Listen on 127.0.0.1 or use --unix-socket; if this network is safe, add --allow-network";
        if (IPAddress.IsLoopback(address) || allowNetwork)
        {
            return null;
        }

        if (!isInContainer)
        {
            return $"--address {address} isn't a loopback address, and this isn't a container. {Advice}.";
        }

        var isAll = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        var meant = isAll
            ? own().Where(each => each.AddressFamily == address.AddressFamily || address.AddressFamily == AddressFamily.InterNetworkV6)
            : [address];
        return meant.FirstOrDefault(each => !IsPrivate(each)) is { } open
            ? $"--address {address} {(isAll ? $"includes {open}, which isn't" : "isn't")} in a private network. {Advice}."
            : null;
    }

    internal static bool IsInContainer(Func<string, bool> isFile, Func<string, string?> environment) =>
        ContainerFiles.Any(isFile) || ContainerVariables.Any(name => environment(name) is { Length: > 0 });

    private static bool IsPrivate(IPAddress address) =>
        Array.Exists(PrivateNetworks, network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    private static List<IPAddress> OwnAddresses() =>
        [
            .. NetworkInterface
                .GetAllNetworkInterfaces()
                .SelectMany(each => each.GetIPProperties().UnicastAddresses)
                .Select(each => each.Address)
                .Where(each => each.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6),
        ];
}
