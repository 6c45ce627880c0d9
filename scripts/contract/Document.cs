using System.Text;
using System.Text.RegularExpressions;
using RdsTunnel.Rpc;

namespace RdsTunnel.ContractTool;

/// <summary>The tables of docs/rpc.md. What stands between a pair of marks is generated; the rest is written by hand.</summary>
internal static partial class Document
{
    public static string Write(ContractModel contract, string document)
    {
        var parts = new Dictionary<string, Func<string>>
        {
            ["version"] = () =>
                $"Protocol version: **{RpcContract.ProtocolVersion}**. It goes up with every change that an older editor or sidecar would misunderstand.\n",
            ["methods"] = () =>
                Table(
                    ["Method", "Params", "Result", "Progress", "What it does"],
                    contract.Methods.Select(method =>
                        new[]
                        {
                            Code(method.Name),
                            Reference(method.Params, "none"),
                            Reference(method.Result, "null"),
                            Reference(method.Progress, ""),
                            method.Meaning,
                        }
                    )
                ),
            ["questions"] = () =>
                Table(
                    ["Method", "Params", "Result", "What it asks"],
                    contract.Questions.Select(method =>
                        new[] { Code(method.Name), Reference(method.Params, "none"), Reference(method.Result, "null"), method.Meaning }
                    )
                ),
            ["notifications"] = () =>
                Table(
                    ["Method", "Params", "When"],
                    contract.Notifications.Select(method => new[] { Code(method.Name), Reference(method.Params, "none"), method.Meaning })
                ),
            ["types"] = () => string.Join('\n', contract.Records.Select(Section)),
            ["enumerations"] = () =>
                string.Join(
                    '\n',
                    contract.Enumerations.Select(type =>
                        $"### {type.Name}\n\n"
                        + Table(
                            ["Name", "Meaning"],
                            Enum.GetNames(type).Select(name => new[] { Code(name), Documentation.OfMember(type, name) })
                        )
                    )
                ),
            ["protocol errors"] = () => Errors(ContractModel.ProtocolErrors()),
            ["tunnel errors"] = () => Errors(ContractModel.TunnelErrors()),
        };
        var written = new HashSet<string>();
        var text = Part()
            .Replace(
                document,
                match =>
                {
                    var name = match.Groups["name"].Value;
                    written.Add(name);
                    return $"<!-- generated: {name} -->\n{parts[name]()}<!-- end -->";
                }
            );
        return written.SetEquals(parts.Keys)
            ? text
            : throw new InvalidOperationException($"The document lacks the marks of {string.Join(", ", parts.Keys.Except(written))}.");
    }

    private static string Section(Record record) =>
        $"### {record.Name}\n\n"
        + (record.Remarks.Length == 0 ? "" : $"{record.Remarks}.\n\n")
        + Table(
            ["Field", "Type", "Required", "Meaning"],
            record.Fields.Select(field => new[] { Code(field.Name), NameOf(field.Type), field.IsRequired ? "yes" : "no", field.Meaning })
        );

    private static string Errors(IEnumerable<(int Number, string Name, string Meaning)> errors) =>
        Table(["Number", "Name", "When"], errors.Select(error => new[] { $"{error.Number}", Code(error.Name), error.Meaning }));

    private static string Table(string[] head, IEnumerable<string[]> rows)
    {
        var text = new StringBuilder();
        Row(text, head);
        text.Append('|').Insert(text.Length, "---|", head.Length).Append('\n');
        foreach (var row in rows)
        {
            Row(text, row);
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, string[] cells) =>
        text.Append('|').AppendJoin("|", cells.Select(cell => cell.Length == 0 ? " " : $" {cell} ")).Append("|\n");

    private static string Code(string name) => $"`{name}`";

    private static string Reference(Type? type, string none) => type is null ? none : $"[{type.Name}](#{type.Name.ToLowerInvariant()})";

    private static string NameOf(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(string) => "string",
            var t when t == typeof(DateTimeOffset) => "string, ISO 8601 with offset",
            var t when t == typeof(Uri) => "string, a URL",
            var t when t == typeof(int) || t == typeof(long) => "integer",
            var t when t == typeof(double) => "number",
            var t when t == typeof(bool) => "boolean",
            var t when ContractModel.ElementOf(t) is { } element => $"{NameOf(element)}[]",
            var t => t.Name,
        };

    [GeneratedRegex("<!-- generated: (?<name>[a-z ]+) -->\n.*?<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Part();
}
