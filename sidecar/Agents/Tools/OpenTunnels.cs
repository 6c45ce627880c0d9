using System.Text.Json;

namespace RdsTunnel.Agents.Tools;

/// <summary>What agents have opened, and how it is.</summary>
public sealed class TunnelStatus(AgentTunnels tunnels)
    : AgentTool(
        "tunnel_status",
        "Tunnel status",
        "Lists the tunnels that agents have opened here, with state and traffic.",
        Schemas.Nothing
    )
{
    public override bool AsksAws => false;

    public override Task<JsonElement> RunAsync(AgentCall call, CancellationToken cancellationToken)
    {
        call.Arguments.Allow();
        return Task.FromResult(
            JsonSerializer.SerializeToElement(
                new TunnelsAnswer([.. tunnels.List().Select(each => TunnelRow.Of(each.Tunnel, each.Now))]),
                AnswerJson.Default.TunnelsAnswer
            )
        );
    }
}

/// <summary>How to connect, without a secret.</summary>
public sealed class ConnectionDetails(AgentTunnels tunnels)
    : AgentTool(
        "connection_details",
        "Connection details",
        "Tells how programs connect through a tunnel: host, port and environment variables. Never a password.",
        Schemas.TunnelId
    )
{
    public override bool AsksAws => false;

    public override Task<JsonElement> RunAsync(AgentCall call, CancellationToken cancellationToken)
    {
        call.Arguments.Allow("id");
        var (tunnel, now) = tunnels.Find(call.Arguments.RequiredText("id"));
        return Task.FromResult(JsonSerializer.SerializeToElement(DetailsAnswer.Of(tunnel, now), AnswerJson.Default.DetailsAnswer));
    }
}

/// <summary>Closes what an agent has opened, and nothing else.</summary>
public sealed class CloseTunnel(AgentTunnels tunnels)
    : AgentTool("close_tunnel", "Close tunnel", "Closes a tunnel that an agent has opened here. Its connections end.", Schemas.TunnelId)
{
    public override bool IsReadOnly => false;

    public override bool IsDestructive => true;

    public override bool AsksAws => false;

    public override async Task<JsonElement> RunAsync(AgentCall call, CancellationToken cancellationToken)
    {
        call.Arguments.Allow("id");
        var id = call.Arguments.RequiredText("id");
        await tunnels.CloseAsync(id, cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToElement(new ClosedAnswer(id), AnswerJson.Default.ClosedAnswer);
    }
}
