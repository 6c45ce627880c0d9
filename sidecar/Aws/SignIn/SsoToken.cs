using System.Text.Json.Serialization;

namespace RdsTunnel.Aws.SignIn;

/// <summary>What a sign-in gives, and the client registration that renews it; the AWS CLI's own file. All of it is secret.</summary>
internal sealed record SsoToken(
    string StartUrl,
    string Region,
    string AccessToken,
    DateTimeOffset ExpiresAt,
    string? ClientId = null,
    string? ClientSecret = null,
    DateTimeOffset? RegistrationExpiresAt = null,
    string? RefreshToken = null
) : IRenewable
{
    string IRenewable.AccessId => AccessToken;

    public bool CanBeRenewed(DateTimeOffset now) =>
        RefreshToken is not null && ClientId is not null && ClientSecret is not null && RegistrationExpiresAt > now;

    public override string ToString() => $"SsoToken {{ StartUrl = {StartUrl}, ExpiresAt = {ExpiresAt} }}";
}

/// <summary>This program, as Identity Center knows it for a while.</summary>
internal sealed record ClientRegistration(string ClientId, string ClientSecret, DateTimeOffset ExpiresAt)
{
    public override string ToString() => $"ClientRegistration {{ ExpiresAt = {ExpiresAt} }}";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(UtcSecondsConverter)]
)]
[JsonSerializable(typeof(SsoToken))]
internal sealed partial class SsoJson : JsonSerializerContext;
