using System.Text.Json;
using RdsTunnel.Rpc;

namespace RdsTunnel.Agents.Editor;

/// <summary>Runs tools for the agents of the editor, which asks the person.</summary>
public sealed class EditorAgents(AgentToolbox toolbox) : IAgentTools
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public async Task<CallAgentToolResult> CallAsync(CallAgentToolParams parameters, CancellationToken cancellationToken)
    {
        if (ArgumentsOf(parameters.Arguments) is not { } arguments)
        {
            return new(Error: "The arguments must be a JSON object. (InvalidArgument)");
        }

        var call = new AgentCall(
            arguments,
            AgentText.Client(parameters.Client, version: null),
            new EditorPerson(parameters.Question, parameters.Consent),
            _ => Task.CompletedTask
        );
        try
        {
            var answer =
                await toolbox.CallAsync(parameters.Tool, call, cancellationToken).ConfigureAwait(false)
                ?? throw new RpcException(RpcErrorCode.InvalidParams, "There is no such tool.", "tool");
            return new(answer.Result?.GetRawText(), answer.Error);
        }
        catch (AgentQuestionException e)
        {
            return new(Question: e.Question.Text, NeedsDialog: e.Question.IsBroad);
        }
    }

    private static ToolArguments? ArgumentsOf(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ToolArguments([
                    .. document.RootElement.EnumerateObject().Select(each => KeyValuePair.Create(each.Name, each.Value.Clone())),
                ])
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // a name may be half of a surrogate pair, which is no text
        }
    }
}
