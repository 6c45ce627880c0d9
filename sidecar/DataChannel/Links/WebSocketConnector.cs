using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.DataChannels.Links;

/// <summary>Opens the websocket of a data channel, through the proxy that applies to it, and presents the token.</summary>
internal sealed class WebSocketConnector(DataChannelOptions options) : IDataChannelConnector
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    // A link that is silent for so long is pinged; without any answer it counts as dead. So a dead link is noticed within 30 s.
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(15);

    private readonly string _clientId = Guid.NewGuid().ToString();

    public async Task<IDataChannelLink> ConnectAsync(
        DataChannelAccess access,
        IReadOnlyList<KeyValuePair<string, string>>? signature,
        CancellationToken cancellationToken
    )
    {
        BatchingStream? stream = null;
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = ConnectTimeout,
            PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(stream = new BatchingStream(context.PlaintextStream)),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = options.CertificateValidation;
        if (options.Proxy is not null)
        {
            handler.Proxy = options.Proxy;
        }

        var invoker = new HttpMessageInvoker(handler);
        var webSocket = new ClientWebSocket();
        webSocket.Options.KeepAliveInterval = PingInterval;
        webSocket.Options.KeepAliveTimeout = PongTimeout;
        webSocket.Options.CollectHttpResponseDetails = true;
        foreach (var (name, value) in signature ?? [])
        {
            webSocket.Options.SetRequestHeader(name, value);
        }

        try
        {
            await webSocket.ConnectAsync(access.StreamUrl, invoker, cancellationToken).ConfigureAwait(false);
            await webSocket
                .SendAsync(OpenMessage(access), WebSocketMessageType.Text, endOfMessage: true, cancellationToken)
                .ConfigureAwait(false);
            return new WebSocketLink(webSocket, stream!, invoker, access.TokenValue);
        }
        catch (Exception e)
        {
            var status = webSocket.HttpStatusCode;
            webSocket.Dispose();
            invoker.Dispose();
            if (e is OperationCanceledException)
            {
                throw;
            }

            throw status is 0 or HttpStatusCode.SwitchingProtocols
                ? LinkFaults.OfConnect(access.StreamUrl.Host, e)
                : LinkFaults.OfUpgrade(access.StreamUrl.Host, status);
        }
    }

    private ReadOnlyMemory<byte> OpenMessage(DataChannelAccess access) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new OpenDataChannelInput("1.0", Guid.NewGuid().ToString(), access.TokenValue, _clientId, DataChannelOptions.ClientVersion),
            OpenDataChannelJson.Default.OpenDataChannelInput
        );
}
