using Amazon.Runtime.Internal.Util;

namespace RdsTunnel.Aws.Configuration;

/// <summary>The AWS CLI's two files, <c>~/.aws/config</c> and <c>~/.aws/credentials</c>, as they are on the disk now.</summary>
internal sealed class SharedFiles
{
    public const string DefaultProfile = "default";

    private readonly ProfileIniFile? _config;
    private readonly ProfileIniFile? _credentials;

    private SharedFiles(string configPath, string credentialsPath)
    {
        ConfigPath = configPath;
        CredentialsPath = credentialsPath;
        _config = Open(configPath, profileMarkerRequired: true);
        _credentials = Open(credentialsPath, profileMarkerRequired: false);
    }

    public string ConfigPath { get; }

    public string CredentialsPath { get; }

    /// <exception cref="AwsException">A file is there and cannot be read.</exception>
    public static SharedFiles Read(Func<string, string?> environment)
    {
        var home = NonEmpty(environment("HOME")) ?? NonEmpty(environment("USERPROFILE"))
            ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return new SharedFiles(PathOf("AWS_CONFIG_FILE", "config"), PathOf("AWS_SHARED_CREDENTIALS_FILE", "credentials"));

        string PathOf(string variable, string fileName) => NonEmpty(environment(variable)) switch
        {
            null => Path.Combine(home, ".aws", fileName),
            ['~', '/' or '\\', .. var rest] => Path.Combine(home, rest),
            var path => path,
        };
    }

    public ProfileSection? Find(string name)
    {
        var config = Section(_config, name);
        var credentials = Section(_credentials, name);
        return config is null && credentials is null ? null : new ProfileSection(name, config, credentials);
    }

    /// <summary>The address that the profile's <c>services</c> section gives for one service.</summary>
    public string? ServiceEndpoint(ProfileSection profile, string serviceKey) =>
        profile["services"] is { } section
        && _config is { } config
        && config.TryGetSection(section, isSsoSession: false, isServicesSection: true, out _, out var services)
        && services.TryGetValue(serviceKey, out var service)
            ? service.GetValueOrDefault("endpoint_url")
            : null;

    private static Dictionary<string, string>? Section(ProfileIniFile? file, string name)
    {
        if (file is null)
        {
            return null;
        }

        if (file.TryGetSection(name, isSsoSession: false, isServicesSection: false, out var properties, out _))
        {
            return properties;
        }

        // In the config file a section is called [profile dev], but [default] may stand alone.
        return name == DefaultProfile && file.TryGetSection(name, out Dictionary<string, string> alone) ? alone : null;
    }

    private static ProfileIniFile? Open(string path, bool profileMarkerRequired)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return new ProfileIniFile(path, profileMarkerRequired);
        }
        catch (InvalidDataException)
        {
            // The parser quotes the line that it dislikes, which may hold a key: that text goes no further.
            throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"{path} has a line that is no section, property or comment. "
                + "Correct the file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"{path} cannot be read: {e.Message}", e);
        }
    }

    private static string? NonEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
