using Amazon.Runtime;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Credentials, and how long they work.</summary>
/// <param name="ExpiresAt"><see cref="DateTimeOffset.MaxValue"/> for ever.</param>
internal sealed record Lease(ImmutableCredentials Credentials, DateTimeOffset ExpiresAt)
{
    public bool EndsWithin(TimeSpan time, TimeProvider clock) => ExpiresAt - clock.GetUtcNow() <= time;

    /// <returns>Null when no request can be signed with them.</returns>
    public static Lease? TryCreate(string? accessKeyId, string? secretAccessKey, string? sessionToken, DateTime? expiration) =>
        StaticKeys.AreUsable(accessKeyId, secretAccessKey, sessionToken)
            ? new(
                new ImmutableCredentials(accessKeyId, secretAccessKey, string.IsNullOrEmpty(sessionToken) ? null : sessionToken),
                expiration is { } end ? new DateTimeOffset(end.ToUniversalTime(), TimeSpan.Zero) : DateTimeOffset.MaxValue
            )
            : null;

    /// <param name="expiration">In any form that <see cref="WrittenTime"/> reads.</param>
    /// <returns>Null when that is no time, or no request can be signed with them.</returns>
    public static Lease? TryRead(string? accessKeyId, string? secretAccessKey, string? sessionToken, string? expiration) =>
        expiration is null ? TryCreate(accessKeyId, secretAccessKey, sessionToken, null)
        : WrittenTime.TryParse(expiration, out var end) ? TryCreate(accessKeyId, secretAccessKey, sessionToken, end.UtcDateTime)
        : null;

    public override string ToString() => $"Lease {{ AccessKeyId = {Credentials.AccessKey}, ExpiresAt = {ExpiresAt} }}";
}
