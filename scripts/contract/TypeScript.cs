using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.ContractTool;

/// <summary>The contract for the extension.</summary>
internal static class TypeScript
{
    public static string Write(ContractModel contract)
    {
        var text = new StringBuilder();
        text.Append(
            $"""
            // Generated from the sidecar's records by `npm run contract`. docs/rpc.md says what each field means.

            export const protocolVersion = {RpcContract.ProtocolVersion};

            """
        );
        foreach (var type in contract.Enumerations)
        {
            text.Append($"\nexport type {type.Name} =\n  {string.Join(" | ", Enum.GetNames(type).Select(Quoted))};\n");
        }

        Union(text, "RpcErrorCode", "Errors of the protocol.", ContractModel.ProtocolErrors());
        Union(text, "TunnelErrorCode", "Errors of tunnels, and of AWS.", ContractModel.TunnelErrors());
        foreach (var record in contract.Records)
        {
            text.Append($"\nexport interface {record.Name} {{\n");
            foreach (var field in record.Fields)
            {
                text.Append($"  {field.Name}{(field.IsRequired ? "" : "?")}: {NameOf(field.Type)};\n");
            }

            text.Append("}\n");
        }

        Rules(text);
        Table(
            text,
            "Methods",
            "Method → its parameters and its result.",
            contract.Methods,
            method => $"[{Params(method)}, {Result(method)}]"
        );
        Table(
            text,
            "Progress",
            "Method → what its progress is told with.",
            contract.Methods.Where(method => method.Progress is not null),
            method => NameOf(method.Progress!)
        );
        Table(
            text,
            "Questions",
            "What the sidecar asks → its parameters and the answer.",
            contract.Questions,
            method => $"[{Params(method)}, {Result(method)}]"
        );
        Table(text, "Notifications", "Notification of the sidecar → its parameters.", contract.Notifications, Params);
        return text.ToString();
    }

    private static void Rules(StringBuilder text)
    {
        text.Append("\n/** What the fields of a tunnel have to be, as JSON schemas say it. */\nexport const tunnelRules = {\n");
        foreach (var rule in TunnelRules.All)
        {
            text.Append(
                $"  {rule.Field}: {{ {string.Join(", ", JsonSchema.Of(rule).Select(bound => $"{bound.Key}: {Literal(bound.Value!)}"))} }},\n"
            );
        }

        text.Append("} as const;\n\n/** What a reason's template may name. */\n");
        text.Append($"export const reasonPlaceholders = [{string.Join(", ", SessionReason.Placeholders.Select(Quoted))}];\n");
    }

    private static string Literal(JsonNode value) =>
        value.GetValueKind() == JsonValueKind.String
            ? Quoted(((string)value!).Replace(@"\", @"\\", StringComparison.Ordinal))
            : value.ToJsonString();

    private static void Union(
        StringBuilder text,
        string name,
        string meaning,
        IEnumerable<(int Number, string Name, string Meaning)> errors
    ) => text.Append($"\n/** {meaning} */\nexport type {name} =\n  {string.Join(" | ", errors.Select(error => Quoted(error.Name)))};\n");

    private static void Table(StringBuilder text, string name, string meaning, IEnumerable<Method> methods, Func<Method, string> type)
    {
        text.Append($"\n/** {meaning} */\nexport interface {name} {{\n");
        foreach (var method in methods)
        {
            text.Append($"  {Quoted(method.Name)}: {type(method)};\n");
        }

        text.Append("}\n");
    }

    private static string Params(Method method) => method.Params is null ? "undefined" : NameOf(method.Params);

    private static string Result(Method method) => method.Result is null ? "null" : NameOf(method.Result);

    private static string Quoted(string name) => $"'{name}'";

    private static string NameOf(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(string) || t == typeof(DateTimeOffset) || t == typeof(Uri) => "string",
            var t when t == typeof(int) || t == typeof(long) || t == typeof(double) => "number",
            var t when t == typeof(bool) => "boolean",
            var t when ContractModel.ElementOf(t) is { } element => $"{NameOf(element)}[]",
            var t => t.Name,
        };
}
