using System.Text.Json;
using System.Text.Json.Serialization;
using RdsTunnel.Emulator.Faults;
using RdsTunnel.Emulator.Gateway;

namespace RdsTunnel.Emulator.Control;

// A misspelled fault must not pass for no fault.
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<SessionDescription>))]
[JsonSerializable(typeof(SessionDescription))]
[JsonSerializable(typeof(IReadOnlyCollection<string>))]
[JsonSerializable(typeof(FaultPlan))]
[JsonSerializable(typeof(ApiFaultPlan))]
[JsonSerializable(typeof(ChannelRules))]
internal sealed partial class ControlJson : JsonSerializerContext;
