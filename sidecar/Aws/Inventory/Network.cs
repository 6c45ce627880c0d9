namespace RdsTunnel.Aws.Inventory;

/// <summary>A managed instance, as Systems Manager and EC2 know it together; or a task, as ECS and EC2 do.</summary>
/// <param name="Target">What StartSession takes: <c>i-…</c>; <c>mi-…</c>, of which EC2 knows
/// nothing; <c>ecs:…</c>. Or an <see cref="EcsServiceTarget"/>.</param>
public sealed record ManagedNode(string Target, bool IsOnline, string? Name, string? AgentVersion, string? Platform, string? IPAddress)
{
    /// <summary>Null when EC2 does not know it, or was not allowed to tell.</summary>
    public Ec2Instance? Instance { get; init; }

    /// <summary>False for an instance that Systems Manager does not list: whether it has an agent is not known.</summary>
    public bool IsManaged { get; init; } = true;

    /// <summary>It is a task of ECS, or a service that has some.</summary>
    public bool IsTask { get; init; }

    /// <summary>A task's own; null for one that uses its instance's.</summary>
    public string? NetworkInterfaceId { get; init; }

    /// <summary>A task's.</summary>
    public IReadOnlyList<Tag> Tags { get; init; } = [];
}

public sealed record NetworkInterface(
    string Id,
    string? VpcId,
    string? SubnetId,
    string? PrivateIpAddress,
    IReadOnlyList<string> SecurityGroupIds
)
{
    /// <summary>A task stands in the network as an instance does.</summary>
    public Ec2Instance InstanceOf(ManagedNode task) => new(task.Target, VpcId, SubnetId, PrivateIpAddress, SecurityGroupIds, task.Tags);
}

public sealed record Ec2Instance(
    string InstanceId,
    string? VpcId,
    string? SubnetId,
    string? PrivateIpAddress,
    IReadOnlyList<string> SecurityGroupIds,
    IReadOnlyList<Tag> Tags
)
{
    /// <summary>It is stopped, or about to be, and can be started then.</summary>
    public bool IsStopped { get; init; }

    /// <summary>It has an instance profile, without which its agent can't sign in.</summary>
    public bool HasProfile { get; init; }
}

/// <param name="Ingress">What it lets in.</param>
public sealed record SecurityGroup(string GroupId, string? VpcId, IReadOnlyList<IngressRule> Ingress);

/// <summary>Ports, and who may come in there; protocols other than TCP are left out.</summary>
/// <param name="PrefixListIds">Lists of addresses; <see cref="IInventory.ListPrefixListAsync"/> tells them.</param>
public sealed record IngressRule(
    int FromPort,
    int ToPort,
    IReadOnlyList<string> GroupIds,
    IReadOnlyList<string> CidrBlocks,
    IReadOnlyList<string> PrefixListIds
);

/// <param name="CidrBlocks">Its addresses, of both families.</param>
public sealed record Vpc(string VpcId, IReadOnlyList<string> CidrBlocks);

/// <summary>Two VPCs that are connected.</summary>
public sealed record VpcPeering(string VpcId, string PeerVpcId);
