using System.Globalization;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace RdsTunnel.Aws.Inventory;

/// <summary>IAM database authentication: the password is a signed request that is never sent.</summary>
/// <remarks><code>
/// orders.cluster-…:5432/?Action=connect&amp;DBUser=jane&amp;X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=…&amp;X-Amz-Expires=900&amp;…
/// abc123.dsql.…/?Action=DbConnect&amp;X-Amz-Algorithm=…                 DSQL: no port, and no user but the administrator
/// </code></remarks>
internal static class DatabaseToken
{
    private const int LifetimeSeconds = 900;

    public static IamToken Create(ImmutableCredentials keys, DatabaseService service, string region, string host, int port, string user, TimeProvider time)
    {
        var isDsql = service == DatabaseService.Dsql;
        var signingName = isDsql ? "dsql" : "rds-db";
        var request = new DefaultRequest(new Connect(), signingName)
        {
            UseQueryString = true, HttpMethod = "GET", Endpoint = new Uri(isDsql ? $"https://{host}" : string.Create(CultureInfo.InvariantCulture, $"https://{host}:{port}")),
        };
        request.Parameters["Action"] = !isDsql ? "connect" : user == "admin" ? "DbConnectAdmin" : "DbConnect";
        if (!isDsql)
        {
            request.Parameters["DBUser"] = user;
        }

        request.Parameters["X-Amz-Expires"] = LifetimeSeconds.ToString(CultureInfo.InvariantCulture);
        if (keys.UseToken)
        {
            request.Parameters["X-Amz-Security-Token"] = keys.Token;
        }

        var now = time.GetUtcNow();
        var signature = AWS4PreSignedUrlSigner.SignRequest(
            request, null, new RequestMetrics(), keys.AccessKey, keys.SecretKey, signingName, region, now.UtcDateTime);
        var url = AmazonServiceClient.ComposeUrl(request).AbsoluteUri["https://".Length..];
        return new IamToken($"{url}&{signature.ForQueryParameters}", now.AddSeconds(LifetimeSeconds), host, region);
    }

    private sealed class Connect : AmazonWebServiceRequest;
}
