using System.Text.Json;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Diagnosis;

namespace RdsTunnel.Agents.Tools;

/// <summary>Checks the whole way to a database.</summary>
public sealed class CheckTunnel(IInventories inventories, KnownDatabases databases, ITunnelCheck check, Consent consent)
    : AgentTool(
        "check_tunnel",
        "Check tunnel",
        "Checks everything that a tunnel to a database needs: credentials, permissions, jump host, network, the database's port and certificate. Changes nothing. Use it when a tunnel can't be opened. A person is asked if AWS doesn't list the address as a database.",
        $$"""
        {
          "type": "object", "additionalProperties": false, "required": ["host", "port"],
          "properties": {
            {{Schemas.Database}},
            "reason": { "type": "string", "description": "Why, in a few words: the person and the account's session history are shown it." }
          }
        }
        """
    )
{
    public override async Task<JsonElement> RunAsync(AgentCall call, CancellationToken cancellationToken)
    {
        call.Arguments.Allow("host", "port", "profile", "region", "target", "reason");
        var (request, reason) = (call.Arguments.Tunnel(), AgentText.Reason(call.Arguments.Text("reason")));
        // Anything else would make this a way to search the network for ports.
        if (await databases.FindAsync(request, cancellationToken).ConfigureAwait(false) is null)
        {
            var identity = await inventories.InventoryOf(request.Scope).GetIdentityAsync(cancellationToken).ConfigureAwait(false);
            await consent
                .RequireAsync(
                    new(request, call.Client, reason, identity, Database: null),
                    "check the connection to this address",
                    call.Person,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        var steps = new List<CheckStep>();
        await foreach (
            var step in check
                .RunAsync(
                    request with
                    {
                        Reason = AgentText.SessionReason("agent check", reason.Length > 0 ? reason : call.Client),
                    },
                    cancellationToken
                )
                .ConfigureAwait(false)
        )
        {
            steps.Add(step);
            await call.TellAsync($"{step.Name}: {step.Outcome}").ConfigureAwait(false);
        }

        return JsonSerializer.SerializeToElement(
            new CheckAnswer(steps.TrueForAll(step => step.Outcome != CheckOutcome.Failed), steps),
            AnswerJson.Default.CheckAnswer
        );
    }
}
