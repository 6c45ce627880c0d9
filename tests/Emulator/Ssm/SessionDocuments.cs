using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Ssm;

/// <summary>The session documents of the account, and who may do what with them.</summary>
internal sealed class SessionDocuments(IReadOnlyList<EmulatedDocument> documents)
{
    private const string Account = "111122223333";

    /// <summary>What a session with a document is for.</summary>
    public PortSessionProperties Start(string name, JsonNode? parameters, EmulatedCredential caller, string region)
    {
        var (document, content) = Find(name, caller, region, "ssm:StartSession", each => each.StartedBy);
        return document.Type == "Session"
            ? SessionDocument.Apply(name, content, parameters)
            : throw new ServiceException("InvalidDocument", $"Document with name {name} is not of the type Session.");
    }

    public JsonObject Get(JsonObject input, EmulatedCredential caller, string region)
    {
        var (document, content) = FindVersion(input, caller, region, "ssm:GetDocument");
        return new()
        {
            ["Name"] = document.Name,
            ["DocumentVersion"] = document.DefaultVersion,
            ["Status"] = document.Status,
            ["DocumentType"] = document.Type,
            ["DocumentFormat"] = "JSON",
            ["Content"] = content.GetRawText(),
        };
    }

    public JsonObject Describe(JsonObject input, EmulatedCredential caller, string region)
    {
        var (document, content) = FindVersion(input, caller, region, "ssm:DescribeDocument");
        var parameters = SessionDocument
            .Members(content, "parameters")
            .Select(each =>
            {
                var description = new JsonObject { ["Name"] = each.Name, ["Type"] = "String" };
                if (each.Value.TryGetProperty("default", out var value))
                {
                    description["DefaultValue"] = value.ToString();
                }

                return description;
            });
        return new()
        {
            ["Document"] = new JsonObject
            {
                ["Name"] = document.Name,
                ["Owner"] = IsAws(document.Name) ? "Amazon" : Account,
                ["Status"] = document.Status,
                ["DocumentType"] = document.Type,
                ["DocumentVersion"] = document.DefaultVersion,
                ["DefaultVersion"] = document.DefaultVersion,
                ["LatestVersion"] = document.DefaultVersion,
                ["SchemaVersion"] = content.TryGetProperty("schemaVersion", out var schema) ? schema.GetString() : null,
                ["DocumentFormat"] = "JSON",
                ["Parameters"] = new JsonArray([.. parameters]),
            },
        };
    }

    private (EmulatedDocument Document, JsonElement Content) FindVersion(
        JsonObject input,
        EmulatedCredential caller,
        string region,
        string action
    )
    {
        var name =
            (string?)input["Name"]
            ?? throw new ServiceException(
                "ValidationException",
                "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"
            );
        var found = Find(name, caller, region, action, each => each.ReadBy);
        return
            (string?)input["DocumentVersion"] is not { } version
            || version is "$DEFAULT" or "$LATEST"
            || version == found.Document.DefaultVersion
            ? found
            : throw new ServiceException("InvalidDocumentVersion", $"Document version {version} is not valid.");
    }

    // Permission first: who lacks it does not learn what exists.
    private (EmulatedDocument Document, JsonElement Content) Find(
        string name,
        EmulatedCredential caller,
        string region,
        string action,
        Func<EmulatedDocument, IReadOnlyList<string>?> allowed
    )
    {
        var arn = name.StartsWith("arn:", StringComparison.Ordinal)
            ? name
            : $"arn:aws:ssm:{region}:{(IsAws(name) ? "" : Account)}:document/{name}";
        var shortName = arn[(arn.IndexOf('/', StringComparison.Ordinal) + 1)..];
        var (own, aws) = (
            documents.FirstOrDefault(each => each.Name == shortName),
            AwsDocuments.All.FirstOrDefault(each => each.Name == shortName)
        );
        if (own is not null && !EmulatedDocument.Allows(allowed(own), caller.Arn))
        {
            throw new ServiceException(
                "AccessDeniedException",
                $"User: {caller.Arn} is not authorized to perform: {action} on resource: {arn} because no identity-based policy allows the {action} action"
            );
        }

        return (own ?? aws) is { } document && (own?.Content ?? aws?.Content) is { } content
            ? (document, content)
            : throw new ServiceException("InvalidDocument", $"Document with name {name} does not exist.");
    }

    private static bool IsAws(string name) => name.StartsWith("AWS-", StringComparison.Ordinal);
}
