using Amazon.Runtime;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Credentials, and how long they work.</summary>
/// <param name="ExpiresAt"><see cref="DateTimeOffset.MaxValue"/> for ever.</param>
internal sealed record Lease(ImmutableCredentials Credentials, DateTimeOffset ExpiresAt)
{
    public bool EndsWithin(TimeSpan time, TimeProvider clock) => ExpiresAt - clock.GetUtcNow() <= time;

    public static Lease Of(string accessKeyId, string secretAccessKey, string? sessionToken, DateTime? expiration) =>
        new(
            new ImmutableCredentials(accessKeyId, secretAccessKey, string.IsNullOrEmpty(sessionToken) ? null : sessionToken),
            expiration is { } end ? new DateTimeOffset(end.ToUniversalTime(), TimeSpan.Zero) : DateTimeOffset.MaxValue
        );

    /// <param name="expiration">In any form that <see cref="WrittenTime"/> reads.</param>
    /// <returns>Null when that is no time.</returns>
    public static Lease? TryCreate(string accessKeyId, string secretAccessKey, string? sessionToken, string? expiration) =>
        expiration is null ? Of(accessKeyId, secretAccessKey, sessionToken, null)
        : WrittenTime.TryParse(expiration, out var end) ? Of(accessKeyId, secretAccessKey, sessionToken, end.UtcDateTime)
        : null;

    public override string ToString() => $"Lease {{ AccessKeyId = {Credentials.AccessKey}, ExpiresAt = {ExpiresAt} }}";
}
