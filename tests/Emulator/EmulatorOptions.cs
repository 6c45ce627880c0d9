using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.AwsProxy;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Emulator.IdentityCenter;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator;

/// <summary>What the emulated account and its network are like.</summary>
public sealed record EmulatorOptions
{
    /// <summary>On 127.0.0.1; 0 chooses a free one.</summary>
    public int Port { get; init; }

    /// <summary>By how much the clock of the program is ahead of this machine's.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary>Null for none.</summary>
    public AwsProxyOptions? Proxy { get; init; }

    public IReadOnlyList<EmulatedCredential> Credentials { get; init; } = [EmulatedCredential.Default];

    public IReadOnlyList<EmulatedInstance> Instances { get; init; } = [EmulatedInstance.Default];

    public IdentityCenterOptions IdentityCenter { get; init; } = IdentityCenterOptions.Default;

    /// <summary>What STS lets assume.</summary>
    public IReadOnlyList<EmulatedRole> Roles { get; init; } = [];

    /// <summary>Null where the account does not grant access to nodes just in time.</summary>
    public EmulatedNodeAccess? NodeAccess { get; init; }

    /// <summary>The account's databases and security groups.</summary>
    public IReadOnlyList<EmulatedRegion> Regions { get; init; } = [];

    /// <summary>CNAME records: what a name is an alias of. The agents' DNS knows them, and so does the name server.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Agents reach only what security groups, VPCs and peerings let them. False:
    /// everything, as if there were other ways.</summary>
    public bool EnforcesNetwork { get; init; }

    /// <summary>Session documents beside AWS's own, and what is allowed with those.</summary>
    public IReadOnlyList<EmulatedDocument> Documents { get; init; } = [];

    public SessionLimits Limits { get; init; } = SessionLimits.Default;

    public AgentOptions Agent { get; init; } = new();

    /// <summary>A command run for each session in place of the emulated agent; see
    /// <see cref="AgentProcess"/> for its environment.</summary>
    public string? AgentCommand { get; init; }

    public ChannelRules Channel { get; init; } = new();

    /// <summary>Called for each new session before StartSession is answered and before its agent
    /// runs: the place to inject faults early.</summary>
    public Action<EmulatedSession>? OnSessionStarting { get; init; }
}
