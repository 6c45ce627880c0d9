namespace RdsTunnel.Emulator.Ec2;

/// <summary>The states of an instance, with EC2's own numbers.</summary>
public enum InstancePower
{
    Pending = 0,
    Running = 16,
    Stopping = 64,
    Stopped = 80,
}
