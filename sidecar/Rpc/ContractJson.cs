using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Diagnosis;
using RdsTunnel.Discovery;
using RdsTunnel.Programs;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [
        typeof(NameConverter<AgentConsent>),
        typeof(NameConverter<AwsErrorCode>),
        typeof(NameConverter<CheckOutcome>),
        typeof(NameConverter<CheckStepName>),
        typeof(NameConverter<DatabaseKind>),
        typeof(NameConverter<DatabaseRole>),
        typeof(NameConverter<DatabaseService>),
        typeof(NameConverter<JumpHostCriterion>),
        typeof(NameConverter<LogLevel>),
        typeof(NameConverter<ProfileKind>),
        typeof(NameConverter<SignInFlow>),
        typeof(NameConverter<TunnelErrorCode>),
        typeof(NameConverter<TunnelState>),
        typeof(NameConverter<Verdict>),
    ]
)]
[JsonSerializable(typeof(InitializeParams))]
[JsonSerializable(typeof(InitializeResult))]
[JsonSerializable(typeof(OpenTunnelParams))]
[JsonSerializable(typeof(TunnelParams))]
[JsonSerializable(typeof(ShutdownResult))]
[JsonSerializable(typeof(JoinTunnelParams))]
[JsonSerializable(typeof(SetLogLevelParams))]
[JsonSerializable(typeof(ListTunnelsResult))]
[JsonSerializable(typeof(StateChangedParams))]
[JsonSerializable(typeof(StatisticsParams))]
[JsonSerializable(typeof(TunnelVariablesParams))]
[JsonSerializable(typeof(TunnelVariables))]
[JsonSerializable(typeof(CheckTunnelParams))]
[JsonSerializable(typeof(CheckTunnelResult))]
[JsonSerializable(typeof(ProgressParams<CheckStep>))]
[JsonSerializable(typeof(SignInParams))]
[JsonSerializable(typeof(ProgressParams<AuthorizationRequest>))]
[JsonSerializable(typeof(SsoParams))]
[JsonSerializable(typeof(SsoSession))]
[JsonSerializable(typeof(ListAccountsResult))]
[JsonSerializable(typeof(ListRolesParams))]
[JsonSerializable(typeof(ListRolesResult))]
[JsonSerializable(typeof(AskMfaCodeParams))]
[JsonSerializable(typeof(MfaCode))]
[JsonSerializable(typeof(ProfileList))]
[JsonSerializable(typeof(Profile))]
[JsonSerializable(typeof(NewProfile))]
[JsonSerializable(typeof(ListDatabasesParams))]
[JsonSerializable(typeof(ProgressParams<DatabasesFound>))]
[JsonSerializable(typeof(ListDatabasesResult))]
[JsonSerializable(typeof(ListJumpHostsParams))]
[JsonSerializable(typeof(JumpHostList))]
[JsonSerializable(typeof(ChooseJumpHostParams))]
[JsonSerializable(typeof(CreateIamTokenParams))]
[JsonSerializable(typeof(IamToken))]
[JsonSerializable(typeof(ListSecretsParams))]
[JsonSerializable(typeof(ListSecretsResult))]
[JsonSerializable(typeof(ReadSecretParams))]
[JsonSerializable(typeof(DatabaseSecret))]
[JsonSerializable(typeof(CallAgentToolParams))]
[JsonSerializable(typeof(CallAgentToolResult))]
[JsonSerializable(typeof(LogParams))]
[JsonSerializable(typeof(RpcError))]
internal sealed partial class ContractJson : JsonSerializerContext;

/// <summary>Enumerations are their members' names, never numbers.</summary>
internal sealed class NameConverter<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
