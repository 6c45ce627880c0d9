using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Tunnels;

namespace RdsTunnel.ContractTool;

/// <summary>The rules for a tunnel's fields in the JSON schemas of the team's file and of the
/// settings; descriptions are written by hand.</summary>
internal static class JsonSchema
{
    private static readonly string[] Keywords = ["type", "minimum", "maximum", "minLength", "maxLength", "pattern"];

    // As npm writes package.json.
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonObject Of(FieldRule rule) =>
        rule switch
        {
            FlagRule => new() { ["type"] = "boolean" },
            NumberRule number => new()
            {
                ["type"] = "integer",
                ["minimum"] = number.Min,
                ["maximum"] = number.Max,
            },
            TextRule text => new()
            {
                ["type"] = "string",
                ["minLength"] = text.MinLength,
                ["maxLength"] = text.MaxLength,
                ["pattern"] = text.Pattern,
            },
            _ => throw new NotSupportedException(rule.GetType().Name),
        };

    public static string WriteTeamFile(string text) =>
        Rewrite(
            text,
            schema =>
            {
                Put(schema["definitions"]!["reason"]!, Of(TunnelRules.Reason));
                PutFields(schema["properties"]!["tunnels"]!["items"]!["properties"]!);
            }
        );

    public static string WriteSettings(string text) =>
        Rewrite(
            text,
            package =>
            {
                var settings = package["contributes"]!["configuration"]!["properties"]!;
                PutFields(settings["rdsTunnel.tunnels"]!["items"]!["properties"]!);
                Put(settings["rdsTunnel.document"]!, OrNothing(TunnelRules.Document));
                Put(settings["rdsTunnel.reason"]!, OrNothing(TunnelRules.Reason));
            }
        );

    private static void PutFields(JsonNode properties)
    {
        // What is several things is written by hand.
        foreach (
            var (field, schema) in properties
                .AsObject()
                .Where(property => property.Value!["$ref"] is null && property.Value!["anyOf"] is null)
                .ToArray()
        )
        {
            // A port that is written down is one; 0 would be any.
            var rule = field == TunnelRules.LocalPort.Field ? TunnelRules.Port : TunnelRules.All.Single(rule => rule.Field == field);
            Put(schema!, Of(rule));
        }
    }

    // An empty setting is one that is not set.
    private static JsonObject OrNothing(TextRule rule) =>
        new()
        {
            ["type"] = "string",
            ["maxLength"] = rule.MaxLength,
            ["pattern"] = $"^$|^(?=.{{{rule.MinLength}}}){rule.Pattern[1..]}",
        };

    // What a person has written beside it stays where it is, after the rule.
    private static void Put(JsonNode schema, JsonObject rule)
    {
        var written = schema.AsObject();
        var kept = written.Where(property => !Keywords.Contains(property.Key)).ToArray();
        written.Clear();
        foreach (var (name, value) in rule.ToArray().Concat(kept))
        {
            rule.Remove(name);
            written[name] = value;
        }
    }

    private static string Rewrite(string text, Action<JsonNode> change)
    {
        var (before, after) = (JsonNode.Parse(text)!, JsonNode.Parse(text)!);
        change(after);
        // How it is laid out is up to whoever edits it.
        return JsonNode.DeepEquals(before, after) ? text : after.ToJsonString(Format) + "\n";
    }
}
