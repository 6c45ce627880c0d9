using System.Text.RegularExpressions;

namespace RdsTunnel.Aws.Configuration;

/// <summary>The AWS CLI's two files, <c>~/.aws/config</c> and <c>~/.aws/credentials</c>, as they are on the disk now.</summary>
internal sealed partial class SharedFiles
{
    public const string DefaultProfile = "default";

    private readonly IniFile _config;
    private readonly IniFile _credentials;
    private readonly List<ConfigurationProblem> _unnamed = [];
    private readonly Dictionary<string, IniSection> _profiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IniSection> _ssoSessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IniSection> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IniSection> _inCredentials;

    private SharedFiles(IniFile config, IniFile credentials)
    {
        _config = config;
        _credentials = credentials;
        _inCredentials = credentials.Sections.ToDictionary(section => section.Title, StringComparer.Ordinal);
        foreach (var section in config.Sections)
        {
            Sort(section);
        }
    }

    public string ConfigPath => _config.Path;

    public string CredentialsPath => _credentials.Path;

    public IEnumerable<ConfigurationProblem> Problems => [.. _config.Problems, .. _unnamed, .. _credentials.Problems];

    /// <summary>In the order in which they stand, those of the config file first.</summary>
    public IEnumerable<string> ProfileNames => _profiles.Keys.Union(_inCredentials.Keys, StringComparer.Ordinal);

    public IEnumerable<string> SsoSessionNames => _ssoSessions.Keys;

    /// <param name="known">What was read before: the same comes back where both files still say the same.</param>
    public static SharedFiles Read(Func<string, string?> environment, SharedFiles? known = null)
    {
        var home = HomeOf(environment);
        var config = IniFile.Read(PathOf("AWS_CONFIG_FILE", "config"), known?._config);
        var credentials = IniFile.Read(PathOf("AWS_SHARED_CREDENTIALS_FILE", "credentials"), known?._credentials);
        return known is not null && config == known._config && credentials == known._credentials
            ? known
            : new SharedFiles(config, credentials);

        string PathOf(string variable, string fileName) =>
            Expand(NonEmpty(environment(variable)), environment) switch
            {
                null => Path.Combine(home, ".aws", fileName),
                var path => InHome(path, home),
            };
    }

    /// <exception cref="AwsException">It is there, but a line of it cannot be understood.</exception>
    public ProfileSection? Find(string name)
    {
        var config = _profiles.GetValueOrDefault(name);
        var credentials = _inCredentials.GetValueOrDefault(name);
        if (config is null && credentials is null)
        {
            return Unreadable is { } unreadable ? throw new AwsException(AwsErrorCode.ConfigurationInvalid, unreadable.Message) : null;
        }

        var profile = new ProfileSection(name, config, credentials);
        return profile.Problem is { } problem
            ? throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"The profile \"{name}\" can't be used. {problem.Message} Correct the file."
            )
            : profile;
    }

    public IniSection? FindSsoSession(string name) => _ssoSessions.GetValueOrDefault(name);

    /// <summary>The address that the profile's <c>services</c> section gives for one service.</summary>
    /// <exception cref="AwsException">There is no such section.</exception>
    public string? ServiceEndpoint(ProfileSection profile, string serviceKey)
    {
        if (profile["services"] is not { } name)
        {
            return null;
        }

        var section =
            _services.GetValueOrDefault(name)
            ?? throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"The profile \"{profile.Name}\" refers to the services section {NameText.Quoted(name)}, which is not in {ConfigPath}. Correct the file."
            );
        return section.Nested(serviceKey, "endpoint_url");
    }

    /// <summary>A path of these files or of the environment, in which <c>~</c> is the home directory.</summary>
    public static string FromHome(string path, Func<string, string?> environment) => InHome(path, HomeOf(environment));

    // What a file that cannot be read at all says, nobody knows.
    private ConfigurationProblem? Unreadable => Problems.FirstOrDefault(problem => problem.Line == 0);

    // A word, and a name, which quotes keep together. Where two sections have the same name, the later one is meant, alone.
    private void Sort(IniSection section)
    {
        var kind =
            section.Title == DefaultProfile || section.Title.StartsWith("profile", StringComparison.Ordinal) ? _profiles
            : section.Title.StartsWith("sso-session", StringComparison.Ordinal) ? _ssoSessions
            : section.Title.StartsWith("services", StringComparison.Ordinal) ? _services
            : null;
        if (section.Title == DefaultProfile)
        {
            _profiles[DefaultProfile] = section;
        }
        else if (kind is not null && ShellWords.Split(section.Title) is [_, var name])
        {
            kind[name] = section;
        }
        else if (kind is not null && section.Problem is null)
        {
            _unnamed.Add(
                new ConfigurationProblem(
                    ConfigPath,
                    section.Line,
                    $"{ConfigPath}, line {section.Line}: a section with no name or several. The AWS CLI ignores it. Quote names that contain spaces: [profile \"my name\"]."
                )
            );
        }
    }

    // On Windows the AWS CLI does not look at HOME.
    /// <summary><c>~/.aws</c>.</summary>
    public static string FolderOf(Func<string, string?> environment) => Path.Combine(HomeOf(environment), ".aws");

    private static string HomeOf(Func<string, string?> environment) =>
        (
            OperatingSystem.IsWindows()
                ? NonEmpty(environment("USERPROFILE")) ?? NonEmpty(environment("HOME"))
                : NonEmpty(environment("HOME")) ?? NonEmpty(environment("USERPROFILE"))
        ) ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string? Expand(string? path, Func<string, string?> environment) =>
        path is null
            ? null
            : (OperatingSystem.IsWindows() ? WindowsVariable() : Variable()).Replace(
                path,
                match => environment(match.Value.Trim('$', '{', '}', '%')) ?? match.Value
            );

    private static string InHome(string path, string home) =>
        path switch
        {
            "~" => home,
            ['~', '/' or '\\', .. var rest] => Path.Combine(home, rest),
            _ => path,
        };

    private static string? NonEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;

    [GeneratedRegex(@"\$\w+|\$\{[^}]*\}", RegexOptions.ECMAScript)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\w+|\$\{[^}]*\}|%[^%]+%", RegexOptions.ECMAScript)]
    private static partial Regex WindowsVariable();
}
