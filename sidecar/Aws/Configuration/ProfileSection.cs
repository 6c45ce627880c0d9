namespace RdsTunnel.Aws.Configuration;

/// <summary>One profile, as it stands in either file or both.</summary>
internal sealed class ProfileSection(string name, IniSection? config, IniSection? credentials)
{
    public string Name { get; } = name;

    /// <summary>What could not be understood in it.</summary>
    public IEnumerable<ConfigurationProblem> Problems => [.. config?.Problems ?? [], .. credentials?.Problems ?? []];

    /// <summary>What only the credentials file says: keys there go before <c>credential_process</c>, keys in the config file after it.</summary>
    public string? InCredentialsFile(string property) => credentials?[property];

    /// <summary>A property of either file; the credentials file wins.</summary>
    public string? this[string property] => credentials?[property] ?? config?[property];
}
