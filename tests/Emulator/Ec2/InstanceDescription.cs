namespace RdsTunnel.Emulator.Ec2;

/// <summary>An instance as it is now.</summary>
/// <param name="IsOnline">Its agent answers.</param>
public sealed record InstanceDescription(string InstanceId, InstancePower State, bool IsOnline, IReadOnlyDictionary<string, string> Tags);
