using System.Text.Json;
using System.Text.Json.Serialization;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Ec2;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Emulator.NodeAccess;

namespace RdsTunnel.Emulator.Control;

// A misspelled fault must not pass for no fault.
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(IReadOnlyList<SessionDescription>))]
[JsonSerializable(typeof(SessionDescription))]
[JsonSerializable(typeof(IReadOnlyCollection<string>))]
[JsonSerializable(typeof(FaultPlan))]
[JsonSerializable(typeof(ApiFaultPlan))]
[JsonSerializable(typeof(ChannelRules))]
[JsonSerializable(typeof(ConsoleLoginKey))]
[JsonSerializable(typeof(FailOverPlan))]
[JsonSerializable(typeof(InstancePlan))]
[JsonSerializable(typeof(IReadOnlyList<InstanceDescription>))]
[JsonSerializable(typeof(IReadOnlyList<AccessRequestDescription>))]
[JsonSerializable(typeof(DecisionPlan))]
[JsonSerializable(typeof(DeployPlan))]
[JsonSerializable(typeof(ConsoleLogin.ConsoleLogin))]
internal sealed partial class ControlJson : JsonSerializerContext;

/// <summary>What becomes of a jump host; what is left out stays as it is.</summary>
internal sealed record InstancePlan(string InstanceId, bool? IsOnline = null, string? AgentVersion = null);

/// <param name="Service">Of ECS.</param>
internal sealed record DeployPlan(string Cluster, string Service);

/// <param name="Cluster">Its identifier.</param>
internal sealed record FailOverPlan(string Cluster);

/// <summary>A program's public key, in base64url.</summary>
internal sealed record ConsoleLoginKey(string X, string Y);

/// <summary>What becomes of a request for access to a node.</summary>
internal sealed record DecisionPlan(AccessStatus Status);
