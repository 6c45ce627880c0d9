using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdsTunnel.DataChannels.Protocol;

/// <summary>The first message on the websocket, the only text one. A node adds ClientInstanceId, and leaves ClientVersion out.</summary>
public sealed record OpenDataChannelInput(
    string MessageSchemaVersion,
    string RequestId,
    string TokenValue,
    string ClientId,
    string? ClientVersion,
    string? ClientInstanceId = null
)
{
    // The token is a secret.
    public override string ToString() => $"{nameof(OpenDataChannelInput)} {{ ClientId = {ClientId} }}";
}

public sealed record HandshakeRequest(string AgentVersion, IReadOnlyList<RequestedClientAction> RequestedClientActions);

public sealed record RequestedClientAction(string ActionType, JsonElement ActionParameters);

/// <summary>The parameters of the action <c>SessionType</c>.</summary>
public sealed record SessionTypeParameters(string SessionType, JsonElement? Properties);

/// <summary>What the session's document makes of a port session, as its agent tells.</summary>
/// <param name="Forwards">Its connections are those of a local port; false where the bytes of one
/// connection go through as they are, as with SSH's document.</param>
/// <param name="LocalPort">As written there; null or empty for any port.</param>
/// <param name="LocalConnectionType">"unix" for a socket file in place of a port; null where nothing is said.</param>
public sealed record PortProperties(bool Forwards, string? LocalPort, string? LocalConnectionType);

public sealed record HandshakeResponse(
    string ClientVersion,
    IReadOnlyList<ProcessedClientAction> ProcessedClientActions,
    IReadOnlyList<string>? Errors
);

public sealed record ProcessedClientAction(string ActionType, ActionStatus ActionStatus, JsonElement? ActionResult, string Error);

public enum ActionStatus
{
    Success = 1,
    Failed = 2,
    Unsupported = 3,
}

/// <param name="HandshakeTimeToComplete">Nanoseconds.</param>
public sealed record HandshakeComplete(long HandshakeTimeToComplete, string? CustomerMessage);

/// <summary>The payload of <c>channel_closed</c>.</summary>
/// <param name="Output">The reason; may be empty.</param>
public sealed record ChannelClosed(
    string? MessageId,
    string? CreatedDate,
    string? DestinationId,
    string? SessionId,
    string? MessageType,
    int SchemaVersion,
    string? Output
);

/// <summary>The payload of <c>agent_session_state</c>.</summary>
public sealed record AgentSessionState(int SchemaVersion, string SessionState, string SessionId);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(HandshakeRequest))]
[JsonSerializable(typeof(SessionTypeParameters))]
[JsonSerializable(typeof(HandshakeResponse))]
[JsonSerializable(typeof(HandshakeComplete))]
[JsonSerializable(typeof(ChannelClosed))]
[JsonSerializable(typeof(AgentSessionState))]
public sealed partial class DataChannelJson : JsonSerializerContext;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenDataChannelInput))]
public sealed partial class OpenDataChannelJson : JsonSerializerContext;
