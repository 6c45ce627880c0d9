using System.Text.Json.Nodes;

namespace RdsTunnel.Aws.Clients;

/// <summary>A call whose answer is a JSON document: of the protocol JSON 1.1, whose operation is a
/// header, or of REST-JSON, whose operation is a path.</summary>
/// <param name="Operation">As IAM calls it: <c>ListBrokers</c>.</param>
internal sealed record DocumentCall(string Operation)
{
    /// <summary>Null in JSON 1.1. <c>/v1/brokers/{id}</c>: what is in braces is <see cref="PathValue"/>, encoded.</summary>
    public string? Path { get; init; }

    public string? PathValue { get; init; }

    /// <summary>Null for a GET.</summary>
    public JsonObject? Body { get; init; }

    /// <summary>In the query of a REST call, in the body of another.</summary>
    public IReadOnlyList<(string Name, JsonNode Value)> Parameters { get; init; } = [];
}
