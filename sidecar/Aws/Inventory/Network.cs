namespace RdsTunnel.Aws.Inventory;

/// <summary>A managed instance, as Systems Manager and EC2 know it together.</summary>
/// <param name="Target">What StartSession takes: <c>i-…</c>, or <c>mi-…</c>, of which EC2 knows nothing.</param>
public sealed record ManagedNode(string Target, bool IsOnline, string? Name, string? AgentVersion, string? Platform, string? IPAddress)
{
    /// <summary>Null when EC2 does not know it, or was not allowed to tell.</summary>
    public Ec2Instance? Instance { get; init; }
}

public sealed record Ec2Instance(
    string InstanceId, string? VpcId, string? SubnetId, string? PrivateIpAddress, IReadOnlyList<string> SecurityGroupIds, IReadOnlyList<Tag> Tags);

/// <param name="Ingress">What it lets in.</param>
public sealed record SecurityGroup(string GroupId, string? VpcId, IReadOnlyList<IngressRule> Ingress);

/// <summary>Ports, and who may come in there; protocols other than TCP are left out.</summary>
/// <param name="PrefixListIds">Lists of addresses; <see cref="IInventory.ListPrefixListAsync"/> tells them.</param>
public sealed record IngressRule(
    int FromPort, int ToPort, IReadOnlyList<string> GroupIds, IReadOnlyList<string> CidrBlocks, IReadOnlyList<string> PrefixListIds);

/// <param name="CidrBlocks">Its addresses, of both families.</param>
public sealed record Vpc(string VpcId, IReadOnlyList<string> CidrBlocks);

/// <summary>Two VPCs that are connected.</summary>
public sealed record VpcPeering(string VpcId, string PeerVpcId);
