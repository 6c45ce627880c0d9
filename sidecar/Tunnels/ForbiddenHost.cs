using System.Net;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Tunnels;

/// <summary>An address that SSM agents refuse to forward to, whoever asks.</summary>
/// <param name="What">For people: <c>instance metadata</c>.</param>
/// <param name="Since">The first agent that refuses it.</param>
public sealed record ForbiddenHost(string What, DottedVersion Since)
{
    /// <summary>The first agent that forwards to other hosts, and refuses some.</summary>
    private static readonly DottedVersion Always = new(3, 1, 1188, 0);
    private static readonly DottedVersion TimeService = new(3, 1, 1374, 0);
    private static readonly DottedVersion TimeServiceIPv6 = new(3, 3, 551, 0);
    private static readonly DottedVersion CredentialEndpoints = new(3, 3, 4851, 0);

    private static readonly Dictionary<IPAddress, ForbiddenHost> All = new()
    {
        [IPAddress.Parse("169.254.169.254")] = new("instance metadata", Always),
        [IPAddress.Parse("fd00:ec2::254")] = new("instance metadata", Always),
        [IPAddress.Parse("169.254.169.253")] = new("the VPC's DNS", Always),
        [IPAddress.Parse("fd00:ec2::253")] = new("the VPC's DNS", Always),
        [IPAddress.Parse("169.254.169.123")] = new("the time service", TimeService),
        [IPAddress.Parse("fd00:ec2::123")] = new("the time service", TimeServiceIPv6),
        [IPAddress.Parse("169.254.169.250")] = new("Windows activation", TimeService),
        [IPAddress.Parse("169.254.169.251")] = new("Windows activation", TimeServiceIPv6),
        [IPAddress.Parse("fd00:ec2::240")] = new("Windows activation", TimeServiceIPv6),
        [IPAddress.Parse("169.254.170.2")] = new("the credentials of ECS tasks", CredentialEndpoints),
        [IPAddress.Parse("169.254.170.23")] = new("the credentials of EKS pods", CredentialEndpoints),
        [IPAddress.Parse("fd00:ec2::23")] = new("the credentials of EKS pods", CredentialEndpoints),
    };

    /// <summary>Null when no agent is known to refuse the host: it is another address, or a name,
    /// which only the jump host can resolve.</summary>
    public static ForbiddenHost? Find(string host) => LoopbackHost.Address(host) is { } address ? All.GetValueOrDefault(address) : null;

    /// <summary>Null when nobody can tell, because the agent's version is not known.</summary>
    public bool? IsRefusedBy(string? agentVersion) =>
        DottedVersion.TryParse(agentVersion, out var version) ? version >= Since
        : Since == Always ? true
        : null;

    /// <summary>Why the agent refused a host, and what to do.</summary>
    public static string Refusal(string host, string agentVersion) =>
        $"The jump host's SSM agent {agentVersion} doesn't forward to {host}: "
        + (
            Find(host) is { } known
                ? $"it is the address of {known.What}. "
                : "it is the jump host itself, instance metadata, the VPC's DNS or another blocked address. "
        )
        + "Use the database's host name, or localhost for a port of the jump host itself.";
}
