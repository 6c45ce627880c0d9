using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>The environment and the home directory of this test process are of the worst kind. No
/// test's own environment has them, so that whatever looks
/// beside it fails here.</summary>
internal static class PoisonedProcess
{
    /// <summary>In every value that must have no effect.</summary>
    public const string Mark = "poison";

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It has to come before every test, and before the SDK.")]
    public static void Poison()
    {
        var home = Directory.CreateTempSubdirectory("rds-tunnel-poison-").FullName;
        Directory.CreateDirectory(Path.Combine(home, ".aws"));
        File.WriteAllText(
            Path.Combine(home, ".aws", "config"),
            $"[profile other] # a comment\nregion = {Mark}\na line of {Mark}\n[default]\ndefaults_mode = {Mark}\n"
        );
        File.WriteAllText(Path.Combine(home, ".aws", "credentials"), $"[default]\naws_access_key_id {Mark}\n");
        foreach (
            var (name, value) in (ReadOnlySpan<(string, string)>)
                [
                    ("HOME", home),
                    ("USERPROFILE", home),
                    ("AWS_CONFIG_FILE", ""),
                    ("AWS_SHARED_CREDENTIALS_FILE", ""),
                    ("AWS_PROFILE", Mark),
                    ("AWS_REGION", Mark),
                    ("AWS_DEFAULT_REGION", Mark),
                    ("AWS_ACCESS_KEY_ID", Mark),
                    ("AWS_SECRET_ACCESS_KEY", Mark),
                    ("AWS_DEFAULTS_MODE", Mark),
                    ("AWS_RETRY_MODE", Mark),
                    ("AWS_MAX_ATTEMPTS", Mark),
                    ("AWS_SDK_UA_APP_ID", Mark),
                    ("AWS_USE_FIPS_ENDPOINT", "true"),
                    ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
                    ("AWS_CSM_ENABLED", "true"),
                    ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
                    ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
                    ("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:1"),
                    ("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:1"),
                    ("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:1"),
                    ("AWS_REQUEST_CHECKSUM_CALCULATION", Mark),
                    ("AWS_RESPONSE_CHECKSUM_VALIDATION", Mark),
                    ("AWS_ACCOUNT_ID_ENDPOINT_MODE", Mark),
                    ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", Mark),
                    ("AWS_DISABLE_REQUEST_COMPRESSION", Mark),
                    ("AWS_ENDPOINT_DISCOVERY_ENABLED", Mark),
                    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", Mark),
                    ("AWS_AUTH_SCHEME_PREFERENCE", Mark),
                    ("AWS_SIGV4A_SIGNING_REGION_SET", Mark),
                ]
        )
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(home, recursive: true);
    }
}
