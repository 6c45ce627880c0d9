using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RdsTunnel.Aws.SignIn;

/// <summary><c>~/.aws/sso/cache</c>, in the AWS CLI's file names and shapes, so that one sign-in serves both. Thread-safe.</summary>
/// <param name="awsFolder"><c>~/.aws</c>.</param>
internal sealed class SsoCache(Func<string> awsFolder, SecretStore store)
{
    public SsoToken? ReadToken(SsoSettings session) => store.Read(TokenFile(session), SsoJson.Default.SsoToken);

    public void WriteToken(SsoSettings session, SsoToken token) => store.Write(TokenFile(session), token, SsoJson.Default.SsoToken);

    public void DeleteToken(SsoSettings session) => store.Delete(TokenFile(session));

    /// <summary>False for a token that only this process has.</summary>
    public bool IsShared(SsoSettings session) => store.IsShared(TokenFile(session));

    public ClientRegistration? ReadRegistration(SsoSettings session, SignInFlow flow) =>
        store.Read(RegistrationFile(session, flow), SsoJson.Default.ClientRegistration);

    public void WriteRegistration(SsoSettings session, SignInFlow flow, ClientRegistration registration) =>
        store.Write(RegistrationFile(session, flow), registration, SsoJson.Default.ClientRegistration);

    public string TokenFile(SsoSettings session) => NameOf(session.CacheKey);

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
    private string NameOf(string key) => Path.Combine(awsFolder(), "sso", "cache", $"{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key)))}.json");
#pragma warning restore CA5350
}
