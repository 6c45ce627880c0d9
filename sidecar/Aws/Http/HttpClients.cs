using System.Net;
using Amazon.Runtime;

namespace RdsTunnel.Aws.Http;

/// <summary>Gives one SDK client its one HTTP client.</summary>
internal sealed class HttpClients : HttpClientFactory, IDisposable
{
    private readonly HttpClient _client;

    /// <param name="attemptTimeout">From the first byte sent to the last one received.</param>
    public HttpClients(ServerTrust trust, IWebProxy proxy, TimeSpan attemptTimeout, AwsClock clock)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // AWS never redirects these calls; who does must not get the signed request
            UseCookies = false,
            Proxy = proxy,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // A request on a connection that the service is just closing fails without saying whether it was executed,
            // and StartSession is not sent again then: so do not keep connections for long.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
        };
        sockets.SslOptions.RemoteCertificateValidationCallback = trust.Accepts;
        _client = new HttpClient(new ExchangeHandler(sockets, attemptTimeout, clock)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>For calls that no SDK client makes.</summary>
    public HttpClient Client => _client;

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public void Dispose() => _client.Dispose();
}
