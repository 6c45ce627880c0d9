using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace RdsTunnel.Aws.Tests.AwsCli;

/// <summary>A row of cases.txt: files, an environment, and who is asked for.</summary>
internal sealed partial record AwsCliRow(
    string Name,
    IReadOnlyDictionary<string, string> Files,
    IReadOnlyDictionary<string, string> Environment,
    string? Profile,
    string? Differs,
    bool IsNewer,
    JsonNode? Ours
)
{
    private const string Keys1 = "aws_access_key_id = AKID";
    private const string Keys2 = "aws_secret_access_key = SECRET";

    public static string TablePath => Path.Combine(AppContext.BaseDirectory, "AwsCli", "cases.txt");

    public static IReadOnlyList<AwsCliRow> ReadAll() =>
        [.. File.ReadAllText(TablePath).ReplaceLineEndings("\n").Split("\n## ").Skip(1).Select(Read)];

    /// <summary>Writes the files into a home directory of the row's own.</summary>
    /// <returns>The whole environment.</returns>
    public Dictionary<string, string> WriteTo(string home)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, ".aws")).FullName;
        foreach (var (name, text) in Files)
        {
            File.WriteAllBytes(Path.Combine(folder, name), Bytes(text));
        }

        return new Dictionary<string, string>(Environment) { ["HOME"] = home };
    }

    private static AwsCliRow Read(string text)
    {
        var lines = text.Split('\n');
        var files = new Dictionary<string, string>();
        var environment = new Dictionary<string, string>();
        var (profile, differs, isNewer, ours, file) = ((string?)"dev", (string?)null, false, (JsonNode?)null, (string?)null);
        foreach (var line in lines.Skip(1))
        {
            var (word, rest) = line.IndexOf(' ', StringComparison.Ordinal) is var space and > 0
                ? (line[..space], line[(space + 1)..])
                : (line, "");
            switch (word)
            {
                case "@env":
                    environment[rest[..rest.IndexOf('=', StringComparison.Ordinal)]] = rest[
                        (rest.IndexOf('=', StringComparison.Ordinal) + 1)..
                    ];
                    break;
                case "@ask":
                    profile = rest.Length == 0 ? null : rest;
                    break;
                case "@differs":
                    differs = rest;
                    break;
                case "@newer":
                    isNewer = true;
                    break;
                case "@ours":
                    ours = JsonNode.Parse(rest);
                    break;
                case ['@', .. var name]:
                    files[file = name] = "";
                    continue;
                case var _ when file is not null:
                    files[file] += line + "\n";
                    continue;
                default:
                    Assert.True(line.Length == 0, $"{lines[0]}: {line}");
                    continue;
            }

            file = null;
        }

        // The line before the next row is empty.
        var last = files.Keys.LastOrDefault();
        if (last is not null && file is not null && files[last].EndsWith("\n\n", StringComparison.Ordinal))
        {
            files[last] = files[last][..^1];
        }

        return new AwsCliRow(lines[0], files, environment, profile, differs, isNewer, ours);
    }

    private static byte[] Bytes(string text)
    {
        using var bytes = new MemoryStream();
        var start = 0;
        foreach (Match match in Placeholder().Matches(text))
        {
            bytes.Write(Encoding.UTF8.GetBytes(text[start..match.Index]));
            start = match.Index + match.Length;
            if (match.Value == "{end}\n")
            {
                continue;
            }

            bytes.Write(
                match.Value switch
                {
                    "{keys}" => Encoding.UTF8.GetBytes($"{Keys1}\n{Keys2}"),
                    "{keys1}" => Encoding.UTF8.GetBytes(Keys1),
                    "{keys2}" => Encoding.UTF8.GetBytes(Keys2),
                    "{CR}" => "\r"u8,
                    "{TAB}" => "\t"u8,
                    "{long}" => Encoding.UTF8.GetBytes(new string('x', 10_000)),
                    _ => [byte.Parse(match.Value.AsSpan(2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)],
                }
            );
        }

        bytes.Write(Encoding.UTF8.GetBytes(text[start..]));
        return bytes.ToArray();
    }

    [GeneratedRegex(@"\{(keys1?2?|CR|TAB|long|x[0-9A-F]{2})\}|\{end\}\n")]
    private static partial Regex Placeholder();
}
