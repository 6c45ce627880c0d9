using Amazon.Runtime;

namespace RdsTunnel.Aws.Clients;

/// <summary>Credentials as they are at one moment, for one request.</summary>
internal static class Fixed
{
    public static AWSCredentials Of(ImmutableCredentials keys) =>
        keys.UseToken
            ? new SessionAWSCredentials(keys.AccessKey, keys.SecretKey, keys.Token)
            : new BasicAWSCredentials(keys.AccessKey, keys.SecretKey);
}
