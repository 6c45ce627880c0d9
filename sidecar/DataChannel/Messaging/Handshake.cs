using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>The node's three-way greeting, seen from the client: a request, our response, its completion. Not thread-safe.</summary>
internal sealed class Handshake(string clientVersion)
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

    /// <summary>Takes the node's request; returns the payload of our response.</summary>
    /// <param name="refusal">Why this client cannot serve the request; the response says so too.</param>
    public byte[] OnRequest(ReadOnlySpan<byte> payload, out string? refusal)
    {
        if (_isAnswered)
        {
            throw new DataChannelException(DataChannelError.ProtocolError, "The jump host's agent began a second handshake.");
        }

        var request = Read(payload, DataChannelJson.Default.HandshakeRequest);
        if (request.AgentVersion is null || request.RequestedClientActions is not { Count: <= MaxActions } actions
            || actions.Any(action => action is null || action.ActionType?.Length > MaxActionTypeChars))
        {
            throw Malformed(null);
        }

        AgentVersion = ForeignText.Quote(request.AgentVersion);
        refusal = null;
        var processed = new List<ProcessedClientAction>();
        foreach (var action in actions)
        {
            var error = ErrorOf(action);
            refusal ??= error;
            processed.Add(new ProcessedClientAction(
                action.ActionType, error is null ? ActionStatus.Success : ActionStatus.Unsupported, ActionResult: null, error ?? ""));
        }

        _isAnswered = true;
        return JsonSerializer.SerializeToUtf8Bytes(
            new HandshakeResponse(clientVersion, processed, refusal is null ? null : [refusal]), DataChannelJson.Default.HandshakeResponse);
    }

    /// <summary>Takes the node's completion; returns the message that the account's administrator has set, if any.</summary>
    public string? OnComplete(ReadOnlySpan<byte> payload)
    {
        if (!_isAnswered)
        {
            throw new DataChannelException(
                DataChannelError.ProtocolError, "The jump host's agent completed a handshake that it had not begun.");
        }

        return Read(payload, DataChannelJson.Default.HandshakeComplete).CustomerMessage;
    }

    private static string? ErrorOf(RequestedClientAction action)
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

        // Without it the agent takes the bytes of one connection as they are, as documents for SSH have it.
        return parameters.Properties is not { ValueKind: JsonValueKind.Object } properties
            || (properties.TryGetProperty("type", out var forwarding) && forwarding.ValueKind == JsonValueKind.String && forwarding.ValueEquals(LocalPortForwarding))
            ? null
            : "The session document doesn't forward local ports: its property \"type\" is not \"LocalPortForwarding\".";
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
