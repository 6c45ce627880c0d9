using System.Text;

namespace RdsTunnel.Aws.Configuration;

/// <summary>One of the AWS CLI's files, line by line. A line that makes no sense is a problem of its section, and of no other.</summary>
/// <remarks><code>
/// [profile dev]               a section
/// region = eu-west-1          a property; after white space, # and ; begin a comment
/// s3 =                        a property with properties of its own,
///   endpoint_url = https://…    which are indented
/// </code></remarks>
internal sealed class IniFile
{
    /// <summary>Nobody writes one by hand that is longer; more is not read.</summary>
    private const int MaxFileBytes = 4 * 1024 * 1024;

    private readonly Dictionary<string, IniSection> _sections = new(StringComparer.Ordinal);
    private readonly List<ConfigurationProblem> _problems = [];

    private IniFile(string path) => Path = path;

    public string Path { get; }

    public IEnumerable<IniSection> Sections => _sections.Values;

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    /// <summary>The section with this text between its brackets, in single spaces and without quotes: <c>profile dev</c>.</summary>
    public IniSection? Find(string title) => _sections.GetValueOrDefault(title);

    /// <summary>A file that is not there has no sections; one that cannot be read has a problem besides.</summary>
    public static IniFile Read(string path)
    {
        var file = new IniFile(path);
        try
        {
            if (!File.Exists(path))
            {
                return file;
            }

            if (new FileInfo(path).Length > MaxFileBytes)
            {
                file._problems.Add(new ConfigurationProblem(path, 0, $"{path} has more than {MaxFileBytes} bytes: it is not read."));
                return file;
            }

            file.Parse(File.ReadLines(path, Encoding.UTF8));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file._problems.Add(new ConfigurationProblem(path, 0, $"{path} cannot be read: {e.Message}"));
        }

        return file;
    }

    private void Parse(IEnumerable<string> lines)
    {
        IniSection? section = null;
        string? property = null;
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text[0] is '#' or ';')
            {
                continue;
            }

            if (char.IsWhiteSpace(line[0]) && property is not null)
            {
                section!.AddNested(property, text);
            }
            else if (text[0] == '[')
            {
                property = null;
                section = Title(text) is { } title ? Open(title, number) : Misunderstood(number, null, "a section without a closing bracket");
            }
            else if (text.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
            {
                property = text[..equals].Trim().ToLowerInvariant();
                section = section is null ? Misunderstood(number, property, "a property before the first section") : section;
                section?.Add(property, number, WithoutComment(text[(equals + 1)..].Trim()));
                property = section is null ? null : property;
            }
            else
            {
                property = null;
                Report(section, number, "a line that is no section, property or comment");
            }
        }
    }

    private IniSection Open(string title, int number)
    {
        if (!_sections.TryGetValue(title, out var section))
        {
            _sections.Add(title, section = new IniSection(title, number));
        }

        return section;
    }

    // The line itself is not quoted: it may hold a key.
    private IniSection? Misunderstood(int number, string? key, string what)
    {
        _problems.Add(new ConfigurationProblem(Path, number, $"{Path}, line {number}: {what}.", key));
        return null;
    }

    private void Report(IniSection? section, int number, string what)
    {
        Misunderstood(number, null, what);
        section?.Problems.Add(_problems[^1]);
    }

    private static string? Title(string text) => text.IndexOf(']', StringComparison.Ordinal) is var end and > 0
        ? string.Join(' ', text[1..end].Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        : null;

    private static string WithoutComment(string value)
    {
        for (var i = 1; i < value.Length; i++)
        {
            if (value[i] is '#' or ';' && char.IsWhiteSpace(value[i - 1]))
            {
                return value[..i].TrimEnd();
            }
        }

        return value;
    }
}

internal sealed class IniSection(string title, int line)
{
    private readonly Dictionary<string, (string Value, int Line)> _properties = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _nested = new(StringComparer.Ordinal);

    public string Title { get; } = title;

    public int Line { get; } = line;

    public List<ConfigurationProblem> Problems { get; } = [];

    public string? this[string property] => _properties.TryGetValue(property, out var found) && found.Value.Length > 0 ? found.Value : null;

    /// <summary>Where a property stands; 0 when it does not.</summary>
    public int LineOf(string property) => _properties.TryGetValue(property, out var found) ? found.Line : 0;

    /// <summary>A property of a property: <c>Nested("ssm", "endpoint_url")</c>.</summary>
    public string? Nested(string property, string inner) => _nested.GetValueOrDefault($"{property} {inner}");

    public void Add(string property, int number, string value) => _properties[property] = (value, number);

    public void AddNested(string property, string text)
    {
        if (text.IndexOf('=', StringComparison.Ordinal) is var equals and > 0)
        {
            _nested[$"{property} {text[..equals].Trim().ToLowerInvariant()}"] = text[(equals + 1)..].Trim();
        }
    }
}
