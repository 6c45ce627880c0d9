using System.Text.Json;
using System.Text.Json.Nodes;

namespace RdsTunnel.Emulator.Sessions;

/// <summary>What a port session's document makes of its parameters; goes to the agent, and in the handshake to the client.</summary>
/// <param name="Host">Null when the port is the target's own.</param>
public sealed record PortSessionProperties(string? Host, int PortNumber, string LocalPortNumber)
{
    public string SessionType { get; init; } = "Port";

    /// <summary>False for SSH's document: the session is one connection.</summary>
    public bool Forwards { get; init; } = true;

    /// <summary>The agent's own order: by name.</summary>
    internal JsonElement ToJson()
    {
        var json = new JsonObject();
        if (Host is not null)
        {
            json["host"] = Host;
        }

        if (Forwards)
        {
            json["localPortNumber"] = LocalPortNumber;
        }

        json["portNumber"] = PortNumber.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (Forwards)
        {
            json["type"] = "LocalPortForwarding";
        }

        return JsonSerializer.SerializeToElement(json);
    }
}
