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
/// sessions/?Action=connect&amp;User=jane&amp;X-Amz-Algorithm=…            ElastiCache, MemoryDB: the cache's name
/// pages/?Action=connect&amp;User=jane&amp;ResourceType=ServerlessCache…   a serverless cache
/// </code></remarks>
internal static class DatabaseToken
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <param name="cache">Of ElastiCache and MemoryDB only.</param>
    public static IamToken Create(
        ImmutableCredentials keys,
        DatabaseService service,
        string region,
        string host,
        int port,
        string user,
        CacheName? cache,
        TimeProvider time
    )
    {
        var signingName = service switch
        {
            DatabaseService.Dsql => "dsql",
            DatabaseService.ElastiCache => "elasticache",
            DatabaseService.MemoryDb => "memorydb",
            _ => "rds-db",
        };
        var request = new DefaultRequest(new Connect(), signingName)
        {
            UseQueryString = true,
            HttpMethod = "GET",
            Endpoint = new Uri(
                "https://"
                    + (
                        cache?.Name
                        ?? (service == DatabaseService.Dsql ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"))
                    )
            ),
        };
        request.Parameters["Action"] =
            service != DatabaseService.Dsql ? "connect"
            : user == "admin" ? "DbConnectAdmin"
            : "DbConnect";
        if (service != DatabaseService.Dsql)
        {
            request.Parameters[cache is null ? "DBUser" : "User"] = user;
        }

        if (cache is { IsServerless: true })
        {
            request.Parameters["ResourceType"] = "ServerlessCache";
        }

        request.Parameters["X-Amz-Expires"] = ((int)Lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (keys.UseToken)
        {
            request.Parameters["X-Amz-Security-Token"] = keys.Token;
        }

        var now = time.GetUtcNow();
        var signature = AWS4PreSignedUrlSigner.SignRequest(
            request,
            null,
            new RequestMetrics(),
            keys.AccessKey,
            keys.SecretKey,
            signingName,
            region,
            now.UtcDateTime
        );
        var url = AmazonServiceClient.ComposeUrl(request).AbsoluteUri["https://".Length..];
        return new IamToken($"{url}&{signature.ForQueryParameters}", now + Lifetime, host, region);
    }

    private sealed class Connect : AmazonWebServiceRequest;
}
