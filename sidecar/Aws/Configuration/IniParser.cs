using System.Text.RegularExpressions;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Configuration;

/// <summary>Reads a file line by line, by the rules of Python's configparser, which the AWS CLI
/// uses. Where that refuses the whole file, only the
/// section is refused that the line belongs to.</summary>
/// <remarks><code>
/// [profile dev] text       a section: what follows the last bracket counts for nothing
/// Region : eu-west-1 # x   a property: up to the first = or :, in any case; no comment can follow its value
///   more                   deeper than the property: its value goes on, even across empty lines
/// s3 =                     a value that begins below the property holds properties of its own
///   endpoint_url = …
/// # ; comments             from the line's first character that is no white space
/// </code></remarks>
internal sealed partial class IniParser(string path)
{
    /// <summary>What a section leaves open, the section of this name says.</summary>
    private const string DefaultsTitle = "DEFAULT";

    /// <summary>Stands for bytes that are no UTF-8.</summary>
    private const char Undecodable = '\ufffd';

    /// <summary>Who has more begins with these; a file of another kind would have one for each line.</summary>
    private const int MaxProblems = 100;

    /// <summary>The names of profiles and properties are shorter; keys with something before them are longer.</summary>
    private const int MaxNameChars = 64;

    private readonly IniSection _defaults = new(path, DefaultsTitle, 0);
    private readonly Dictionary<string, IniSection> _sections = new(StringComparer.Ordinal);
    private readonly List<string> _valueLines = [];
    private IniSection? _section;
    private string? _property;
    private int _propertyLine;
    private int _indent;

    public List<IniSection> Sections { get; } = [];

    public List<ConfigurationProblem> Problems { get; } = [];

    public void Parse(IEnumerable<string> lines)
    {
        var number = 0;
        foreach (var line in lines)
        {
            Read(line, ++number);
        }

        EndValue();
        foreach (var section in Sections)
        {
            foreach (var (property, line) in section.Unnestable)
            {
                Report(section, line, property, "a line below this property has no \"=\"");
            }
        }
    }

    private void Read(string line, int number)
    {
        var text = PythonText.Strip(line);
        if (text is ['#' or ';', ..])
        {
            return;
        }

        var indent = PythonText.IndentOf(line);
        if (_property is not null && (text.Length == 0 || indent > _indent))
        {
            _valueLines.Add(text);
            if (text is ['[', .., ']'])
            {
                Problem(number, null, "an indented section header; it is read as part of the property above");
            }
        }
        else if (text.Length > 0)
        {
            EndValue();
            _indent = indent;
            ReadFirst(text, number);
        }
    }

    private void ReadFirst(string text, int number)
    {
        var end = text[0] == '[' ? text.LastIndexOf(']') : -1;
        var separator = text.AsSpan().IndexOfAny('=', ':');
        if (end > 1 && text.AsSpan(1, end - 1).Contains('='))
        {
            Open("", number, isName: false);
            Report(_section, number, null, "a section name with an equals sign. Properties don't have brackets");
        }
        else if (end > 1)
        {
            Open(text[1..end], number);
        }
        else if (text[0] == '[' && separator < 0)
        {
            Open(text[1..], number, isName: MayBeName(text[1..]));
            Report(_section, number, null, "a section header without a closing bracket");
        }
        else if (separator > 0)
        {
            Begin(PythonText.StripEnd(text[..separator]).ToLowerInvariant(), text[(separator + 1)..], number);
        }
        else
        {
            Report(_section, number, null, "a line that isn't a section, a property or a comment");
        }

        if (text.Contains(Undecodable, StringComparison.Ordinal))
        {
            Report(_section, number, null, "text that isn't UTF-8. Save the file as UTF-8");
        }
    }

    /// <param name="isName">False for what may be a secret in a name's place: its section is there
    /// for the lines below it, and for nobody else.</param>
    private void Open(string title, int number, bool isName = true)
    {
        if (!isName)
        {
            _section = new IniSection(path, "", number, _defaults);
            return;
        }

        if (title == DefaultsTitle)
        {
            _section = _defaults;
            return;
        }

        if (_sections.TryGetValue(title, out _section))
        {
            Problem(
                number,
                null,
                $"a duplicate of the section on line {_section.Line}. The AWS CLI rejects the file; RDS Tunnel uses the later properties"
            );
            return;
        }

        _sections.Add(title, _section = new IniSection(path, title, number, _defaults));
        Sections.Add(_section);
    }

    private void Begin(string property, string value, int number)
    {
        if (_section is null)
        {
            Problem(number, property, "a property before the first section");
            return;
        }

        if (_section.Has(property))
        {
            Problem(
                number,
                property,
                $"a duplicate of the property on line {_section.LineOf(property)}. The AWS CLI rejects the file; RDS Tunnel uses the later one"
            );
        }

        _property = property;
        _propertyLine = number;
        _valueLines.Add(PythonText.Strip(value));
        _section.Set(property, "", number);
    }

    private void EndValue()
    {
        if (_property is not null)
        {
            _section!.Set(_property, PythonText.StripEnd(string.Join('\n', _valueLines)), _propertyLine);
        }

        _property = null;
        _valueLines.Clear();
    }

    private void Report(IniSection? section, int number, string? key, string what)
    {
        var problem = Problem(number, key, what);
        if (section is { Problem: null } && section != _defaults)
        {
            section.Problem = problem;
        }
    }

    // One or two words, of which none is like a key.
    private static bool MayBeName(string title) =>
        title.Length <= MaxNameChars
        && title.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length <= 2
        && !ForeignText.HasSecret(title);

    // The line itself is not quoted: it may hold a key. So may what stands before an equals sign: those at the end of a token are none.
    private ConfigurationProblem Problem(int number, string? key, string what)
    {
        var problem = new ConfigurationProblem(
            path,
            number,
            $"{path}, line {number}: {what}.",
            key is { Length: <= MaxNameChars } && PropertyName().IsMatch(key) ? key : null
        );
        if (Problems.Count < MaxProblems)
        {
            Problems.Add(problem);
        }

        return problem;
    }

    [GeneratedRegex(@"^[a-z0-9]{1,20}([_.-][a-z0-9]{1,20})*\z")]
    private static partial Regex PropertyName();
}
