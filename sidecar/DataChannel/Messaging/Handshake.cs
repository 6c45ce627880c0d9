using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>The node's three-way greeting, seen from the client: a request, our response, its completion. Not thread-safe.</summary>
/// <param name="takesRaw">Also sessions whose bytes are those of one connection are accepted.</param>
internal sealed class Handshake(string clientVersion, bool takesRaw)
{
    private const string SessionTypeAction = "SessionType";
    private const string PortSessionType = "Port";
    private const string LocalPortForwarding = "LocalPortForwarding";

    /// <summary>Agents ask for two at most. The answer names each, so that what is asked bounds its length.</summary>
    private const int MaxActions = 64;

    private const int MaxActionTypeChars = 256;

    private bool _isAnswered;

    /// <summary>Null until the node's request has arrived.</summary>
    public string? AgentVersion { get; private set; }

    public PortProperties Properties { get; private set; } = new(Forwards: true, LocalPort: null, LocalConnectionType: null);

    /// <summary>Takes the node's request; returns the payload of our response.</summary>
    /// <param name="refusal">Why this client cannot serve the request; the response says so too.</param>
    public byte[] OnRequest(ReadOnlySpan<byte> payload, out string? refusal)
    {
        if (_isAnswered)
        {
            throw new DataChannelException(DataChannelError.ProtocolError, "The jump host's agent began a second handshake.");
        }

        var request = Read(payload, DataChannelJson.Default.HandshakeRequest);
        if (
            request.AgentVersion is null
            || request.RequestedClientActions is not { Count: <= MaxActions } actions
            || actions.Any(action => action is null || action.ActionType?.Length > MaxActionTypeChars)
        )
        {
            throw Malformed(null);
        }

        AgentVersion = ForeignText.Quote(request.AgentVersion);
        refusal = null;
        var processed = new List<ProcessedClientAction>();
        foreach (var action in actions)
        {
            var error = ErrorOf(action);
            // What kind of session it is says more than what such a session needs as well.
            refusal = action.ActionType == SessionTypeAction ? error ?? refusal : refusal ?? error;
            processed.Add(
                new ProcessedClientAction(
                    action.ActionType,
                    error is null ? ActionStatus.Success : ActionStatus.Unsupported,
                    ActionResult: null,
                    error ?? ""
                )
            );
        }

        _isAnswered = true;
        return JsonSerializer.SerializeToUtf8Bytes(
            new HandshakeResponse(clientVersion, processed, refusal is null ? null : [refusal]),
            DataChannelJson.Default.HandshakeResponse
        );
    }

    /// <summary>Takes the node's completion; returns the message that the account's administrator has set, if any.</summary>
    public string? OnComplete(ReadOnlySpan<byte> payload)
    {
        if (!_isAnswered)
        {
            throw new DataChannelException(
                DataChannelError.ProtocolError,
                "The jump host's agent completed a handshake that it had not begun."
            );
        }

        return Read(payload, DataChannelJson.Default.HandshakeComplete).CustomerMessage;
    }

    private string? ErrorOf(RequestedClientAction action)
    {
        if (action.ActionType != SessionTypeAction)
        {
            return $"The jump host's agent requires '{ForeignText.Quote(action.ActionType)}', which RDS Tunnel does not support.";
        }

        SessionTypeParameters? parameters;
        try
        {
            parameters = action.ActionParameters.Deserialize(DataChannelJson.Default.SessionTypeParameters);
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }

        if (parameters?.SessionType != PortSessionType)
        {
            return $"The session is of type '{ForeignText.Quote(parameters?.SessionType)}', not '{PortSessionType}': its document isn't for port forwarding.";
        }

        if (parameters.Properties is { ValueKind: JsonValueKind.Object } properties)
        {
            // Without its type the agent takes the bytes of one connection as they are, as documents for SSH have it.
            Properties = new(
                TextOf(properties, "type") == LocalPortForwarding,
                TextOf(properties, "localPortNumber"),
                TextOf(properties, "localConnectionType")
            );
        }

        return Properties.Forwards || takesRaw
            ? null
            : "The session document doesn't forward local ports: its property \"type\" is not \"LocalPortForwarding\".";
    }

    private static string? TextOf(JsonElement properties, string name)
    {
        try
        {
            return properties.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException e)
        {
            throw Malformed(e); // half of a surrogate pair is JSON, and no text
        }
    }

    private static T Read<T>(ReadOnlySpan<byte> payload, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(payload, type) ?? throw Malformed(null);
        }
        catch (JsonException e)
        {
            throw Malformed(e);
        }
    }

    private static DataChannelException Malformed(Exception? inner) =>
        new(DataChannelError.ProtocolError, "The jump host's agent sent an unreadable handshake.", inner);
}
