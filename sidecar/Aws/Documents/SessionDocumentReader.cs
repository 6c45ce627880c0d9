using System.Text.Json;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;

namespace RdsTunnel.Aws.Documents;

/// <summary>Reads what the service says of a document.</summary>
internal static class SessionDocumentReader
{
    private const string SchemaVersion = "1.0"; // the only one of session documents
    private const string PortSession = "Port";
    private const string LocalPortForwarding = "LocalPortForwarding";

    /// <exception cref="AwsException"><see cref="AwsErrorCode.InvalidDocument"/>: no tunnel can be
    /// opened with it; the message says why.</exception>
    public static SessionDocument Read(string name, GetDocumentResponse response)
    {
        if (response.DocumentType != DocumentType.Session)
        {
            throw Unusable(name, $"has the type {Word(response.DocumentType)}; tunnels need the type Session");
        }

        if (response.Status is { Value.Length: > 0 } status && status != DocumentStatus.Active)
        {
            throw Unusable(name, $"is not active: its status is {Word(status)}");
        }

        try
        {
            using var content = JsonDocument.Parse(response.Content ?? "");
            return Read(name, content.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, and no text.
            throw Unusable(name, "can't be read");
        }
    }

    private static SessionDocument Read(string name, JsonElement content)
    {
        if (Text(content, "schemaVersion") is var schema && schema != SchemaVersion)
        {
            throw Unusable(name, $"has schema version {Word(schema)}; only {SchemaVersion} is supported");
        }

        if (Text(content, "sessionType") is var type && type != PortSession)
        {
            throw Unusable(name, $"is for sessions of type {Word(type)}; a tunnel needs type {PortSession}");
        }

        var properties = Members(content, "properties")
            .Where(each => each.Value.ValueKind == JsonValueKind.String)
            .ToDictionary(each => each.Name, each => each.Value.GetString()!);
        if (properties.GetValueOrDefault("type") is var forwarding && forwarding != LocalPortForwarding)
        {
            throw Unusable(name, $"doesn't forward a local port: its property \"type\" is {Word(forwarding)}, not {LocalPortForwarding}");
        }

        return new SessionDocument(
            name,
            Members(content, "parameters").ToDictionary(each => each.Name, each => Parameter(each.Value)),
            properties
        );
    }

    private static DocumentParameter Parameter(JsonElement parameter) =>
        new(
            parameter.ValueKind == JsonValueKind.Object && parameter.TryGetProperty("default", out _),
            Text(parameter, "allowedPattern") is { Length: > 0 } pattern ? pattern : null,
            parameter.ValueKind == JsonValueKind.Object
            && parameter.TryGetProperty("allowedValues", out var values)
            && values.ValueKind == JsonValueKind.Array
            && values.GetArrayLength() > 0
                ? [.. values.EnumerateArray().Select(value => value.ToString())]
                : null
        );

    private static IEnumerable<JsonProperty> Members(JsonElement content, string name) =>
        content.TryGetProperty(name, out var members) && members.ValueKind == JsonValueKind.Object
            ? members.EnumerateObject().DistinctBy(each => each.Name)
            : [];

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    // Foreign text: a name is repeated, and nothing longer.
    private static string Word(string? text) =>
        text is null ? "missing"
        : text.Length is > 0 and <= 40 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? text
        : "another one";

    private static AwsException Unusable(string name, string why) =>
        new(
            AwsErrorCode.InvalidDocument,
            $"The session document {name} {why}. Use another document, or leave it empty for the AWS document."
        );
}
