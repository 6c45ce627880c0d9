using System.Globalization;
using Amazon.SecurityToken.Model;

namespace RdsTunnel.Aws.Credentials;

internal static class StsAnswers
{
    public static CachedRole ToCache(Amazon.SecurityToken.Model.Credentials keys, AssumedRoleUser? user) =>
        new(
            new RoleKeys(
                keys.AccessKeyId,
                keys.SecretAccessKey,
                keys.SessionToken,
                (keys.Expiration ?? DateTime.MinValue).ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            ),
            user is null ? null : new AssumedRole(user.AssumedRoleId, user.Arn)
        );
}
