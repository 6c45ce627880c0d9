using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace RdsTunnel.Agents.Protocol;

/// <summary>The person at a client that shows forms (MCP's elicitation).</summary>
internal sealed class ClientPerson(McpServer server) : IPerson
{
    private const string Remember = "remember";

    public bool CanBeAsked =>
        server.ClientCapabilities?.Elicitation is { } elicitation && (elicitation.Form is not null || elicitation.Url is null);

    public async Task<Answer> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
    {
        var form = new ElicitRequestParams
        {
            Message = question.Text,
            RequestedSchema = new()
            {
                Properties =
                {
                    [Remember] = new ElicitRequestParams.BooleanSchema
                    {
                        Title = "Don't ask again",
                        Description = "For this database, until this server stops.",
                        Default = false,
                    },
                },
            },
        };
        try
        {
            var result = await server.ElicitAsync(form, cancellationToken).ConfigureAwait(false);
            return !result.IsAccepted ? Answer.No
                : result.Content?.TryGetValue(Remember, out var remember) == true && remember.ValueKind == JsonValueKind.True
                    ? Answer.YesFromNowOn
                : Answer.Yes;
        }
        catch (McpException)
        {
            throw new AgentException(AgentErrorCode.CannotAsk, "The client failed to ask the person.");
        }
    }
}
