namespace RdsTunnel.Emulator;

/// <summary>A managed instance.</summary>
/// <param name="InstanceId"><c>i-…</c> or <c>mi-…</c>.</param>
/// <param name="AgentVersion">Decides what its agent can do.</param>
/// <param name="IsOnline">False: StartSession answers <c>TargetNotConnected</c>.</param>
public sealed record EmulatedInstance(
    string InstanceId,
    string AgentVersion = "3.3.0.0",
    bool IsOnline = true,
    string Name = "jump-host",
    string IPAddress = "10.0.0.10",
    string PlatformName = "Amazon Linux")
{
    /// <summary>Null for one outside of EC2.</summary>
    public string? VpcId { get; init; } = "vpc-0a";

    public IReadOnlyList<string> SecurityGroupIds { get; init; } = ["sg-0jump"];

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The instance that exists when nothing else is configured.</summary>
    public static EmulatedInstance Default { get; } = new("i-0123456789abcdef0");
}
