using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace RdsTunnel.Rpc.Tests;

/// <summary>docs/rpc.md as tables: heading → rows → cells, without the marks of code.</summary>
internal sealed partial class ContractDocument
{
    private readonly Dictionary<string, string[][]> _tables = [];

    private ContractDocument(string text)
    {
        Text = text;
        foreach (var section in Heading().Split(text).Skip(1))
        {
            var lines = section.Split('\n');
            var rows = lines.Skip(1).Where(line => line.StartsWith('|')).Skip(2) // the table's head and the line under it
                .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray());
            _tables.Add(lines[0].Trim(), [.. rows]);
        }
    }

    public string Text { get; }

    public IEnumerable<string> Headings => _tables.Keys;

    public string[][] this[string heading] => _tables[heading];

    public static ContractDocument Read([CallerFilePath] string thisFile = "") =>
        new(File.ReadAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "rpc.md")).ReplaceLineEndings("\n"));

    [GeneratedRegex("^#{2,3} ", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
