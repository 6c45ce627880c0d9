namespace RdsTunnel.Aws.Configuration;

/// <summary>A section of one of the AWS CLI's files.</summary>
/// <param name="defaults">The file's <c>[DEFAULT]</c>, which says what the section itself does not.</param>
internal sealed class IniSection(string path, string title, int line, IniSection? defaults = null)
{
    private readonly Dictionary<string, (string Text, int Line)> _properties = new(StringComparer.Ordinal);

    /// <summary>What stands between its brackets, to the letter.</summary>
    public string Title { get; } = title;

    public int Line { get; } = line;

    /// <summary>The first of its lines whose meaning nobody knows: it cannot be used then.</summary>
    public ConfigurationProblem? Problem { get; set; }

    public IEnumerable<string> Properties => _properties.Keys.Concat(defaults?.Properties ?? []);

    /// <summary>A property; null when it is missing or empty.</summary>
    /// <exception cref="AwsException">It has several lines, which is not valid for a name, a
    /// number or an address: a line under it is indented deeper.</exception>
    public string? this[string property] =>
        Text(property) is not { } text ? null
        : text.Contains('\n', StringComparison.Ordinal) ? throw SeveralLines(property)
        : text;

    /// <summary>A property with all its lines; null when it is missing or empty.</summary>
    public string? Text(string property) => Find(property) is { Text.Length: > 0 } found ? found.Text : null;

    /// <summary>Where a property stands; 0 when it does not.</summary>
    public int LineOf(string property) => Find(property)?.Line ?? 0;

    /// <summary>A property of a property: <c>Nested("ssm", "endpoint_url")</c>. The inner one's case counts.</summary>
    public string? Nested(string property, string inner)
    {
        string? value = null;
        foreach (var line in NestedLines(property))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0 && PythonText.Strip(line[..equals]) == inner)
            {
                value = PythonText.Strip(line[(equals + 1)..]);
            }
        }

        return value is { Length: > 0 } ? value : null;
    }

    public bool Has(string property) => _properties.ContainsKey(property);

    public void Set(string property, string text, int line) => _properties[property] = (text, line);

    /// <summary>Those of its properties of properties that lack their <c>=</c>.</summary>
    public IEnumerable<(string Property, int Line)> Unnestable =>
        _properties
            .Where(property => NestedLines(property.Key).Any(line => !line.Contains('=', StringComparison.Ordinal)))
            .Select(property => (property.Key, property.Value.Line));

    // Only a value that begins below its property has any.
    private IEnumerable<string> NestedLines(string property) =>
        Find(property) is { Text: ['\n', ..] text } ? PythonText.Lines(text).Select(PythonText.Strip).Where(line => line.Length > 0) : [];

    private (string Text, int Line)? Find(string property) =>
        _properties.TryGetValue(property, out var found) ? found : defaults?.Find(property);

    // What stands in those lines may be a secret: it is not quoted.
    private AwsException SeveralLines(string property) =>
        new(
            AwsErrorCode.ConfigurationInvalid,
            $"{path}, line {LineOf(property)}: {property} continues on the next line, which is indented more. Indent all properties of a section the same way."
        );
}
