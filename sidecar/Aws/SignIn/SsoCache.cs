using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RdsTunnel.Aws.SignIn;

/// <summary><c>~/.aws/sso/cache</c>, in the AWS CLI's file names and shapes, so that one sign-in serves both. Thread-safe.</summary>
/// <param name="folder">It is made when something is written.</param>
internal sealed class SsoCache(string folder)
{
    private const int MaxFileBytes = 64 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderOwnerOnly = OwnerOnly | UnixFileMode.UserExecute;

    public SsoToken? ReadToken(SsoSettings session) => Read(TokenFile(session), SsoJson.Default.SsoToken);

    public void WriteToken(SsoSettings session, SsoToken token) => Write(TokenFile(session), token, SsoJson.Default.SsoToken);

    public void DeleteToken(SsoSettings session) => File.Delete(TokenFile(session));

    public ClientRegistration? ReadRegistration(SsoSettings session, SignInFlow flow) =>
        Read(RegistrationFile(session, flow), SsoJson.Default.ClientRegistration);

    public void WriteRegistration(SsoSettings session, SignInFlow flow, ClientRegistration registration) =>
        Write(RegistrationFile(session, flow), registration, SsoJson.Default.ClientRegistration);

    private string TokenFile(SsoSettings session) => NameOf(session.CacheKey);

    // The AWS CLI names a registration by all that it is bound to, as JSON with sorted keys.
    private string RegistrationFile(SsoSettings session, SignInFlow flow)
    {
        var key = new StringBuilder("{");
        if (flow == SignInFlow.AuthorizationCode)
        {
            key.Append("\"grantTypes\": [\"authorization_code\", \"refresh_token\"], ");
        }

        key.Append("\"region\": ").Append(Json(session.Region));
        key.Append(", \"scopes\": ").Append(session.ScopeList.Count == 0 ? "null" : $"[{string.Join(", ", session.ScopeList.Select(Json))}]");
        key.Append(", \"session_name\": ").Append(session.Name is { } name ? Json(name) : "null");
        key.Append(", \"startUrl\": ").Append(Json(session.StartUrl));
        key.Append(", \"tool\": \"botocore\"}");
        return NameOf(key.ToString());
    }

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

#pragma warning disable CA5350 // It names a file, as the AWS CLI does; it protects nothing.
    private string NameOf(string key) => Path.Combine(folder, $"{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key)))}.json");
#pragma warning restore CA5350

    // What another program has left half written, or wrote otherwise, is as good as nothing.
    private static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxFileBytes } ? JsonSerializer.Deserialize(File.ReadAllBytes(path), type) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Write<T>(string path, T value, JsonTypeInfo<T> type)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, FolderOwnerOnly);
                options.UnixCreateMode = OwnerOnly;
            }

            // Whoever reads sees the old file or the new one, whole.
            var temporary = $"{path}.{Guid.NewGuid():N}";
            using (var file = new FileStream(temporary, options))
            {
                JsonSerializer.Serialize(file, value, type);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AwsException(AwsErrorCode.ConfigurationInvalid, $"The sign-in cannot be kept in {folder}: {e.Message}", e);
        }
    }
}
