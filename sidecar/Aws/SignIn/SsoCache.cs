using System.Security.Cryptography;
using System.Text;
using RdsTunnel.Aws.Configuration;

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

    public string TokenFile(SsoSettings session) => NameOf(session.CacheKey);

#pragma warning disable CA5350 // It names a file, as the AWS CLI does; it protects nothing.
    private string NameOf(string key) =>
        Path.Combine(awsFolder(), "sso", "cache", $"{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key)))}.json");
#pragma warning restore CA5350
}
