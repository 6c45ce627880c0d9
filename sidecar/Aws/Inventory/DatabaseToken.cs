using System.Globalization;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace RdsTunnel.Aws.Inventory;

/// <summary>IAM database authentication: the password is a signed request that is never sent.</summary>
/// <remarks><code>
/// orders.cluster-…:5432/?Action=connect&amp;DBUser=jane&amp;X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=…&amp;X-Amz-Expires=900&amp;…
/// </code></remarks>
internal static class DatabaseToken
{
    private const int LifetimeSeconds = 900;

    public static IamToken Create(ImmutableCredentials keys, string region, string host, int port, string user, TimeProvider time)
    {
        var request = new DefaultRequest(new Connect(), "rds-db")
        {
            UseQueryString = true, HttpMethod = "GET", Endpoint = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{host}:{port}")),
        };
        request.Parameters["Action"] = "connect";
        request.Parameters["DBUser"] = user;
        request.Parameters["X-Amz-Expires"] = LifetimeSeconds.ToString(CultureInfo.InvariantCulture);
        if (keys.UseToken)
        {
            request.Parameters["X-Amz-Security-Token"] = keys.Token;
        }

        var now = time.GetUtcNow();
        var signature = AWS4PreSignedUrlSigner.SignRequest(
            request, null, new RequestMetrics(), keys.AccessKey, keys.SecretKey, "rds-db", region, now.UtcDateTime);
        var url = AmazonServiceClient.ComposeUrl(request).AbsoluteUri["https://".Length..];
        return new IamToken($"{url}&{signature.ForQueryParameters}", now.AddSeconds(LifetimeSeconds));
    }

    private sealed class Connect : AmazonWebServiceRequest;
}
