namespace RdsTunnel.Aws.Configuration;

/// <summary>One profile, as it stands in either file or both.</summary>
internal sealed class ProfileSection(string name, Dictionary<string, string>? config, Dictionary<string, string>? credentials)
{
    public string Name { get; } = name;

    /// <summary>What only the credentials file says: keys there go before <c>credential_process</c>, keys in the config file after it.</summary>
    public string? InCredentialsFile(string property) => Value(credentials, property);

    /// <summary>A property of either file; the credentials file wins.</summary>
    public string? this[string property] => Value(credentials, property) ?? Value(config, property);

    private static string? Value(Dictionary<string, string>? section, string property) =>
        section?.GetValueOrDefault(property) is { Length: > 0 } value ? value : null;
}
