namespace RdsTunnel.Emulator.World;

/// <summary>A managed instance; or a task of ECS, whose agent is reached as that of an instance is.</summary>
/// <param name="InstanceId"><c>i-…</c> or <c>mi-…</c>; of a task <c>ecs:cluster_task_runtime</c>.</param>
/// <param name="AgentVersion">Decides what its agent can do.</param>
/// <param name="IsOnline">False: StartSession answers <c>TargetNotConnected</c>.</param>
public sealed record EmulatedInstance(
    string InstanceId,
    string AgentVersion = "3.3.5068.0",
    bool IsOnline = true,
    string Name = "jump-host",
    string IPAddress = "10.0.0.10",
    string PlatformName = "Amazon Linux"
)
{
    // Not init: what a world file leaves out keeps its default then.

    /// <summary><c>Linux</c>, <c>Windows</c> or <c>MacOS</c>.</summary>
    public string PlatformType { get; set; } = "Linux";

    /// <summary>Null for one that is in every region.</summary>
    public string? Region { get; set; }

    /// <summary>Null for one outside of EC2.</summary>
    public string? VpcId { get; set; } = "vpc-0a";

    /// <summary>Of its VPC; its agent asks for them at the instance's metadata.</summary>
    public IReadOnlyList<string> VpcCidrBlocks { get; set; } = ["10.0.0.0/16"];

    public IReadOnlyList<string> SecurityGroupIds { get; set; } = ["sg-0jump"];

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    /// <summary>It begins stopped; <see cref="IsOnline"/> is what its agent does once it runs.</summary>
    public bool IsStopped { get; set; }

    /// <summary>False: Systems Manager has never seen it.</summary>
    public bool IsManaged { get; set; } = true;

    /// <summary>It has an instance profile, without which no agent can sign in.</summary>
    public bool HasProfile { get; set; } = true;

    /// <summary>From the start until it runs.</summary>
    public double PendingSeconds { get; set; } = 8;

    /// <summary>From then until its agent answers.</summary>
    public double AgentSeconds { get; set; } = 30;

    public double StoppingSeconds { get; set; } = 20;

    /// <summary>Null for an instance.</summary>
    public EmulatedTask? Task { get; set; }

    public bool IsIn(string region) => Region is null || Region == region;

    /// <summary>The instance that exists when nothing else is configured.</summary>
    public static EmulatedInstance Default { get; } = new("i-0123456789abcdef0");
}
