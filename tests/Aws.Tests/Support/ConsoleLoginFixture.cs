using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace RdsTunnel.Aws.Tests.Support;

/// <summary>A person who signs in by <c>aws login</c>, for the profile "dev".</summary>
public abstract class ConsoleLoginFixture : IdentityFixture
{
    private const string Session = "arn:aws:iam::111122223333:user/jane";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private protected string Cache => Path.Combine(Home, ".aws", "login", "cache");

    private protected string CacheFile =>
        Path.Combine(Cache, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Session)))}.json");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Config(
            $"[profile dev]\nlogin_session = {Session}\nregion = eu-west-1\n[profile role]\nsource_profile = dev\nrole_arn = arn:aws:iam::111122223333:role/Plain\n"
        );
    }

    /// <summary>Writes what the AWS CLI writes.</summary>
    /// <param name="keysEndIn">From now on; their usual quarter of an hour when null.</param>
    private protected void AwsLogin(TimeSpan? keysEndIn = null)
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        var login = Emulator.LogIn(Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        Directory.CreateDirectory(Cache);
        File.WriteAllText(
            CacheFile,
            new JsonObject
            {
                ["accessToken"] = new JsonObject
                {
                    ["accessKeyId"] = login.Keys.AccessKeyId,
                    ["secretAccessKey"] = login.Keys.SecretAccessKey,
                    ["sessionToken"] = login.Keys.SessionToken,
                    ["accountId"] = "111122223333",
                    ["expiresAt"] = Text(keysEndIn is { } left ? Time.GetUtcNow() + left : login.Keys.ExpiresAt!.Value),
                },
                ["tokenType"] = "aws_sigv4",
                ["clientId"] = login.ClientId,
                ["refreshToken"] = login.RefreshToken,
                ["idToken"] = "a.b.c",
                ["dpopKey"] = _key.ExportECPrivateKeyPem(),
            }.ToJsonString()
        );
    }

    /// <summary>The keys in the file end then, as if time had passed.</summary>
    private protected void LetKeysEndIn(TimeSpan left)
    {
        var file = JsonNode.Parse(File.ReadAllText(CacheFile))!;
        file["accessToken"]!["expiresAt"] = Text(Time.GetUtcNow() + left);
        File.WriteAllText(CacheFile, file.ToJsonString());
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
