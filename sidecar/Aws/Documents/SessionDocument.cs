using System.Text.RegularExpressions;

namespace RdsTunnel.Aws.Documents;

/// <summary>A session document for ports: the parameters that it declares, and what it makes of them.</summary>
/// <param name="Properties">What goes to the agent, by name: texts in which <c>{{ parameter }}</c> is replaced.</param>
/// <param name="IsKnown">False when it could not be read: it is taken for one with the parameters of AWS's own.</param>
internal sealed partial record SessionDocument(
    string Name,
    IReadOnlyDictionary<string, DocumentParameter> Parameters,
    IReadOnlyDictionary<string, string> Properties,
    bool IsKnown = true
)
{
    private static readonly DocumentParameter Free = new(HasDefault: true);

    /// <summary>AWS's document for a port of the target itself.</summary>
    public static SessionDocument ToPort { get; } = LikeAws("AWS-StartPortForwardingSession", "portNumber", "localPortNumber");

    /// <summary>AWS's document for a host that the target reaches.</summary>
    public static SessionDocument ToRemoteHost { get; } =
        LikeAws("AWS-StartPortForwardingSessionToRemoteHost", "host", "portNumber", "localPortNumber");

    /// <summary>One that may be started, but not read.</summary>
    public static SessionDocument Unknown(string name, bool toRemoteHost) =>
        (toRemoteHost ? ToRemoteHost : ToPort) with
        {
            Name = name,
            IsKnown = false,
        };

    /// <summary>The parameter that becomes a property as it is; null when there is none.</summary>
    public string? ParameterOf(string property) =>
        Properties.TryGetValue(property, out var text)
        && Reference.Match(text) is { Success: true } match
        && Parameters.ContainsKey(match.Groups[1].Value)
            ? match.Groups[1].Value
            : null;

    /// <summary>What a property always is; null when it is made of parameters, or is not there.</summary>
    public string? FixedValueOf(string property) =>
        Properties.TryGetValue(property, out var text) && !text.Contains("{{", StringComparison.Ordinal) ? text : null;

    private static SessionDocument LikeAws(string name, params string[] parameters) =>
        new(name, parameters.ToDictionary(each => each, _ => Free), parameters.ToDictionary(each => each, each => $"{{{{ {each} }}}}"));

    [GeneratedRegex(@"^\s*\{\{\s*([A-Za-z0-9_]+)\s*\}\}\s*$")]
    private static partial Regex Reference { get; }
}

/// <summary>What a document says of a parameter.</summary>
/// <param name="AllowedPattern">A regular expression; null for none.</param>
/// <param name="AllowedValues">Null for all.</param>
internal sealed record DocumentParameter(bool HasDefault, string? AllowedPattern = null, IReadOnlyList<string>? AllowedValues = null)
{
    /// <summary>Patterns are the organization's, so they are bounded: what takes longer is left to the service to judge.</summary>
    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(100);

    /// <summary>False when the service would refuse the value. A pattern that cannot be judged here lets everything through.</summary>
    public bool Allows(string value)
    {
        if (AllowedValues?.Contains(value) == false)
        {
            return false;
        }

        try
        {
            return AllowedPattern is null
                || Regex.IsMatch(value, AllowedPattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, LongestMatch);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or RegexMatchTimeoutException)
        {
            return true;
        }
    }
}
