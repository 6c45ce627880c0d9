using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Http;

/// <summary>
/// One request and its whole answer, within a time and a size. What is not an answer of AWS (no connection, a captive portal's page)
/// becomes an <see cref="AwsException"/> here, where the network's own words are still at hand; the SDK sees only its protocol.
/// </summary>
internal sealed class ExchangeHandler(HttpMessageHandler inner, TimeSpan timeout, AwsClock clock) : DelegatingHandler(inner)
{
    /// <summary>A session's answer has about 2 kB; a page of 100 databases with 50 tags each about
    /// 2 MB, and one of EC2 twice that.</summary>
    public const int MaxAnswerBytes = 8 << 20;

    private const string UnknownAuthority =
        " If your proxy inspects TLS, set AWS_CA_BUNDLE or the profile's ca_bundle to its certificate authority, or add that to the system's trust store (SSL_CERT_FILE on Linux).";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var host = request.RequestUri!.Authority;
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var started = clock.GetTimestamp();
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, either.Token).ConfigureAwait(false);
            var content = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            if (ForeignAnswer(response, content, host) is { } foreign)
            {
                throw foreign;
            }

            clock.Learn(request, response, clock.GetElapsedTime(started));
            var answer = response;
            response = null;
            return answer;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AwsException(
                AwsErrorCode.Unreachable,
                $"{host} did not answer within {timeout.TotalSeconds:0.#} s. Check your network, VPN and proxy settings.",
                e
            );
        }
        catch (HttpRequestException e)
        {
            throw NoAnswer(e, host);
        }
        catch (IOException e)
        {
            throw ConnectionLost(e, host);
        }
        finally
        {
            response?.Dispose();
        }
    }

    private static AwsException? ForeignAnswer(HttpResponseMessage response, Stream content, string host)
    {
        if (response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
        {
            return ProxyWantsAuthentication(null);
        }

        // Some calls have no answer but their success.
        var isEmpty = response.IsSuccessStatusCode && response.Content.Headers is { ContentType: null, ContentLength: 0 };
        if (isEmpty || (IsProtocol(response.Content.Headers.ContentType) && XmlBounds.AreKept(content) && AnswerShape.IsSafe(content)))
        {
            return null;
        }

        var status = (int)response.StatusCode;
        return status >= 500
            ? new AwsException(
                AwsErrorCode.ServiceFault,
                $"{host} reported an internal error (HTTP {status}). The cause is AWS or a proxy; " + "try again in a moment."
            )
            : new AwsException(
                AwsErrorCode.ServiceFault,
                $"{host} returned a response that isn't from AWS (HTTP {status}, "
                    + $"{(ForeignText.Name(response.Content.Headers.ContentType?.MediaType) is { Length: > 0 } type ? type : "unknown type")}). "
                    + "A proxy or a network sign-in page may have answered instead. Open any web page to sign in to the network, or check "
                    + "the endpoint URL."
            );
    }

    private static bool IsProtocol(MediaTypeHeaderValue? type) =>
        type?.MediaType
            is "application/x-amz-json-1.1"
                or "application/x-amz-json-1.0"
                or "application/json"
                or "text/xml"
                or "application/xml";

    private static AwsException NoAnswer(HttpRequestException e, string host) =>
        e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => new(
                AwsErrorCode.Unreachable,
                $"Couldn't resolve {host} or the proxy. Check your network, DNS, the region and the endpoint URL.",
                e
            ),
            HttpRequestError.ProxyTunnelError when e.StatusCode == HttpStatusCode.ProxyAuthenticationRequired => ProxyWantsAuthentication(
                e
            ),
            HttpRequestError.ProxyTunnelError => new(
                AwsErrorCode.Unreachable,
                $"The proxy blocked the connection to {host}: {SafeText.Describe(e)}. Check HTTPS_PROXY and NO_PROXY.",
                e
            ),
            HttpRequestError.SecureConnectionError => new(
                AwsErrorCode.Unreachable,
                $"No secure connection to {host}: {SafeText.Describe(e)}.{(IsOfUnknownAuthority(e) ? UnknownAuthority : "")}",
                e
            ),
            HttpRequestError.ConnectionError when Find<SocketException>(e) is { SocketErrorCode: SocketError.ConnectionRefused } => new(
                AwsErrorCode.Unreachable,
                $"The connection to {host} or the proxy was refused. Nothing is listening there, or a firewall blocks it.",
                e
            ),
            HttpRequestError.ConnectionError => new(
                AwsErrorCode.Unreachable,
                $"Couldn't reach {host}: {SafeText.Describe(e)}. Check your network, VPN and proxy settings.",
                e
            ),
            HttpRequestError.ConfigurationLimitExceeded => new(
                AwsErrorCode.ServiceFault,
                $"{host} returned more than {MaxAnswerBytes} bytes.",
                e
            ),
            _ => ConnectionLost(e, host),
        };

    private static AwsException ProxyWantsAuthentication(Exception? e) =>
        new(
            AwsErrorCode.Unreachable,
            "The proxy requires a user name and password. Set them in HTTPS_PROXY: http://user:password@proxy:port.",
            e
        );

    private static AwsException ConnectionLost(Exception e, string host) =>
        new(AwsErrorCode.Unreachable, $"The connection to {host} was lost before it responded: {SafeText.Describe(e)}.", e);

    private static bool IsOfUnknownAuthority(Exception e) => Find<CertificateRefusedException>(e) is { IsOfUnknownAuthority: true };

    private static T? Find<T>(Exception? e)
        where T : Exception
    {
        while (e is not null and not T)
        {
            e = e.InnerException;
        }

        return e as T;
    }
}
