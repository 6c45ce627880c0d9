using System.Text.Json;
using System.Text.Json.Serialization;
using RdsTunnel.Emulator.AwsJson;
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
[JsonSerializable(typeof(ConsoleLoginKey))]
[JsonSerializable(typeof(ConsoleLogin.ConsoleLogin))]
internal sealed partial class ControlJson : JsonSerializerContext;

/// <summary>A program's public key, in base64url.</summary>
internal sealed record ConsoleLoginKey(string X, string Y);
