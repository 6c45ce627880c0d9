using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(NameConverter<LogLevel>), typeof(NameConverter<TunnelState>), typeof(NameConverter<TunnelErrorCode>)])]
[JsonSerializable(typeof(InitializeParams))]
[JsonSerializable(typeof(InitializeResult))]
[JsonSerializable(typeof(OpenTunnelParams))]
[JsonSerializable(typeof(CloseTunnelParams))]
[JsonSerializable(typeof(SetLogLevelParams))]
[JsonSerializable(typeof(ListTunnelsResult))]
[JsonSerializable(typeof(StateChangedParams))]
[JsonSerializable(typeof(StatisticsParams))]
[JsonSerializable(typeof(LogParams))]
[JsonSerializable(typeof(RpcError))]
internal sealed partial class ContractJson : JsonSerializerContext;

/// <summary>Enumerations are their members' names, never numbers.</summary>
internal sealed class NameConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
