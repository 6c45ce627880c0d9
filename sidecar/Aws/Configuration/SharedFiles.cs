namespace RdsTunnel.Aws.Configuration;

/// <summary>The AWS CLI's two files, <c>~/.aws/config</c> and <c>~/.aws/credentials</c>, as they are on the disk now.</summary>
internal sealed class SharedFiles
{
    public const string DefaultProfile = "default";

    private const string ProfilePrefix = "profile ";
    private const string SsoSessionPrefix = "sso-session ";
    private const string ServicesPrefix = "services ";

    private readonly IniFile _config;
    private readonly IniFile _credentials;

    private SharedFiles(string folder, IniFile config, IniFile credentials)
    {
        Folder = folder;
        _config = config;
        _credentials = credentials;
    }

    /// <summary><c>~/.aws</c>, where the caches are.</summary>
    public string Folder { get; }

    public string ConfigPath => _config.Path;

    public string CredentialsPath => _credentials.Path;

    public IEnumerable<ConfigurationProblem> Problems => [.. _config.Problems, .. _credentials.Problems];

    /// <summary>In the order in which they stand, those of the config file first.</summary>
    public IEnumerable<string> ProfileNames => _config.Sections.Select(NameInConfig).OfType<string>()
        .Concat(_credentials.Sections.Select(section => section.Title)).Distinct(StringComparer.Ordinal);

    public IEnumerable<string> SsoSessionNames => _config.Sections
        .Where(section => section.Title.StartsWith(SsoSessionPrefix, StringComparison.Ordinal))
        .Select(section => section.Title[SsoSessionPrefix.Length..]);

    public static SharedFiles Read(Func<string, string?> environment)
    {
        var home = NonEmpty(environment("HOME")) ?? NonEmpty(environment("USERPROFILE"))
            ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return new SharedFiles(
            Path.Combine(home, ".aws"), IniFile.Read(PathOf("AWS_CONFIG_FILE", "config")),
            IniFile.Read(PathOf("AWS_SHARED_CREDENTIALS_FILE", "credentials")));

        string PathOf(string variable, string fileName) => NonEmpty(environment(variable)) switch
        {
            null => Path.Combine(home, ".aws", fileName),
            ['~', '/' or '\\', .. var rest] => Path.Combine(home, rest),
            var path => path,
        };
    }

    /// <exception cref="AwsException">It is there, but a line of it cannot be understood.</exception>
    public ProfileSection? Find(string name)
    {
        // [default] may stand alone in the config file too, but [profile default] goes before it.
        var config = _config.Find(ProfilePrefix + name) ?? (name == DefaultProfile ? _config.Find(name) : null);
        var credentials = _credentials.Find(name);
        if (config is null && credentials is null)
        {
            return Unreadable is { } unreadable ? throw new AwsException(AwsErrorCode.ConfigurationInvalid, unreadable.Message) : null;
        }

        var profile = new ProfileSection(name, config, credentials);
        return profile.Problems.FirstOrDefault() is { } problem
            ? throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"The profile \"{name}\" cannot be used. {problem.Message} Correct the file.")
            : profile;
    }

    public IniSection? FindSsoSession(string name) => _config.Find(SsoSessionPrefix + name);

    /// <summary>The address that the profile's <c>services</c> section gives for one service.</summary>
    public string? ServiceEndpoint(ProfileSection profile, string serviceKey) =>
        profile["services"] is { } section ? _config.Find(ServicesPrefix + section)?.Nested(serviceKey, "endpoint_url") : null;

    // What a file that cannot be read at all says, nobody knows.
    private ConfigurationProblem? Unreadable => Problems.FirstOrDefault(problem => problem.Line == 0);

    private static string? NameInConfig(IniSection section) =>
        section.Title.StartsWith(ProfilePrefix, StringComparison.Ordinal) ? section.Title[ProfilePrefix.Length..]
        : section.Title == DefaultProfile ? DefaultProfile
        : null;

    private static string? NonEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
