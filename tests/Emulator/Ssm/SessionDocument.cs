using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Ssm;

/// <summary>Makes the properties of a session of a document's content and a client's parameters.</summary>
internal static partial class SessionDocument
{
    /// <summary>Its sessions start, and then no command is run: they are for clients that do not serve them.</summary>
    private const string Commands = "InteractiveCommands";

    /// <summary>The patterns are those of whoever wrote the world file; nothing has to hang for one.</summary>
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    public static PortSessionProperties Apply(string name, JsonElement content, JsonNode? parameters)
    {
        if (parameters is not (null or JsonObject))
        {
            throw new ServiceException("SerializationException", "Parameters must be a map.");
        }

        var declared = Members(content, "parameters").ToDictionary(each => each.Name, each => each.Value);
        var values = declared
            .Where(each => each.Value.TryGetProperty("default", out _))
            .ToDictionary(each => each.Key, each => each.Value.GetProperty("default").ToString());
        foreach (var (parameter, value) in parameters as JsonObject ?? [])
        {
            var text = SingleValue(parameter, value);
            Check(
                parameter,
                text,
                declared.TryGetValue(parameter, out var declaration)
                    ? declaration
                    : throw Invalid($"Parameter \"{parameter}\" is not defined in the document {name}.")
            );
            values[parameter] = text;
        }

        if (declared.Keys.FirstOrDefault(each => !values.ContainsKey(each)) is { } missing)
        {
            throw Invalid($"Parameter \"{missing}\" requires a value.");
        }

        var type = content.TryGetProperty("sessionType", out var kind) ? kind.GetString() : null;
        if (type == Commands)
        {
            return new PortSessionProperties(Host: null, PortNumber: 0, LocalPortNumber: "0") { SessionType = Commands };
        }

        if (type != "Port")
        {
            throw new ServiceException("InvalidDocument", $"The document {name} is not for port sessions, and there are no others here.");
        }

        var properties = Members(content, "properties")
            .ToDictionary(
                each => each.Name,
                each => Reference.Replace(each.Value.ToString(), match => values.GetValueOrDefault(match.Groups[1].Value, match.Value))
            );
        return new PortSessionProperties(
            properties.GetValueOrDefault("host"),
            int.Parse(properties["portNumber"], NumberStyles.None, CultureInfo.InvariantCulture),
            properties.GetValueOrDefault("localPortNumber", "0")
        )
        {
            Forwards = properties.GetValueOrDefault("type") == "LocalPortForwarding",
        };
    }

    public static IEnumerable<JsonProperty> Members(JsonElement content, string name) =>
        content.TryGetProperty(name, out var members) ? members.EnumerateObject() : default(JsonElement.ObjectEnumerator);

    private static void Check(string parameter, string value, JsonElement declaration)
    {
        if (
            declaration.TryGetProperty("allowedPattern", out var pattern)
            && !Regex.IsMatch(value, pattern.GetString()!, RegexOptions.CultureInvariant, LongestMatch)
        )
        {
            throw Invalid($"Parameter \"{parameter}\" has value \"{value}\" not matching \"{pattern.GetString()}\".");
        }

        if (declaration.TryGetProperty("allowedValues", out var allowed) && allowed.EnumerateArray().All(each => each.ToString() != value))
        {
            throw Invalid($"Parameter \"{parameter}\" has value \"{value}\" not in {allowed.GetRawText()}.");
        }
    }

    private static string SingleValue(string name, JsonNode? value)
    {
        if (value is not JsonArray list || list.Any(item => item?.GetValueKind() != JsonValueKind.String))
        {
            throw new ServiceException("SerializationException", $"Parameter {name} must be a list of strings.");
        }

        return list.Count == 1 ? list[0]!.GetValue<string>() : throw Invalid($"Parameter \"{name}\" takes one value.");
    }

    private static ServiceException Invalid(string message) => new("InvalidParameters", message);

    [GeneratedRegex(@"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")]
    private static partial Regex Reference { get; }
}
