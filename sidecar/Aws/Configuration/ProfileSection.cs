namespace RdsTunnel.Aws.Configuration;

/// <summary>One profile, as it stands in either file or both.</summary>
internal sealed class ProfileSection(string name, IniSection? config, IniSection? credentials)
{
    public string Name { get; } = name;

    /// <summary>Its part in the config file; null when it has none.</summary>
    public IniSection? Config => config;

    /// <summary>Its part in the credentials file; null when it has none.</summary>
    public IniSection? Credentials => credentials;

    /// <summary>What could not be understood in it.</summary>
    public ConfigurationProblem? Problem => config?.Problem ?? credentials?.Problem;

    /// <summary>A property of either file; the credentials file wins. Null when it is missing or empty.</summary>
    /// <exception cref="AwsException">It has several lines.</exception>
    public string? this[string property] => credentials?[property] ?? config?[property];

    /// <summary>A property of either file, which may have several lines.</summary>
    public string? Text(string property) => credentials?.Text(property) ?? config?.Text(property);
}
