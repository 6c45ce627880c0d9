using System.Globalization;
using Amazon.SecurityToken.Model;

namespace RdsTunnel.Aws.Credentials;

internal static class StsAnswers
{
    /// <param name="keys">Null when the answer has none.</param>
    public static CachedRole ToCache(Amazon.SecurityToken.Model.Credentials? keys, AssumedRoleUser? user) =>
        new(
            keys is null
                ? null
                : new RoleKeys(
                    keys.AccessKeyId,
                    keys.SecretAccessKey,
                    keys.SessionToken,
                    (keys.Expiration ?? DateTime.MinValue)
                        .ToUniversalTime()
                        .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                ),
            user is null ? null : new AssumedRole(user.AssumedRoleId, user.Arn)
        );
}
