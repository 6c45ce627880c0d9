using System.Text.Json;
using System.Text.Json.Serialization;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.ConsoleLogin;

/// <summary>What <c>aws login</c> leaves: keys for a quarter of an hour, and what renews them for
/// some hours; the AWS CLI's own file. All of it is secret.</summary>
/// <param name="DpopKey">The private key, in PEM, to which the refresh token is bound.</param>
/// <param name="SignInRegion">Where it was given out; null in files of older programs.</param>
internal sealed record LoginToken(
    LoginKeys AccessToken,
    string? ClientId = null,
    string? RefreshToken = null,
    string? DpopKey = null,
    string? SignInRegion = null
) : IRenewable
{
    DateTimeOffset IRenewable.ExpiresAt => AccessToken.ExpiresAt;

    string IRenewable.AccessId => AccessToken.AccessKeyId;

    /// <summary>What others keep in the file, and find again.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    public bool CanBeRenewed(DateTimeOffset now) => ClientId is not null && RefreshToken is not null && DpopKey is not null;

    public override string ToString() => $"LoginToken {{ ExpiresAt = {AccessToken.ExpiresAt} }}";
}

internal sealed record LoginKeys(string AccessKeyId, string SecretAccessKey, string SessionToken, DateTimeOffset ExpiresAt)
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

    public override string ToString() => $"LoginKeys {{ AccessKeyId = {AccessKeyId}, ExpiresAt = {ExpiresAt} }}";
}

/// <summary>What asks for others.</summary>
internal sealed record LoginRenewal(string ClientId, string RefreshToken, string GrantType = "refresh_token");

internal sealed record LoginRenewed(RenewedKeys AccessToken, string RefreshToken, int ExpiresIn);

internal sealed record RenewedKeys(string AccessKeyId, string SecretAccessKey, string SessionToken);

internal sealed record LoginRefusal(string? Error = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(UtcSecondsConverter)]
)]
[JsonSerializable(typeof(LoginToken))]
[JsonSerializable(typeof(LoginRenewal))]
[JsonSerializable(typeof(LoginRenewed))]
[JsonSerializable(typeof(LoginRefusal))]
internal sealed partial class LoginJson : JsonSerializerContext;
