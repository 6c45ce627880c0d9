using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace RdsTunnel.Emulator.Wire;

/// <summary>The server's half of RFC 6455's opening handshake, so that the websocket can stand on a <see cref="WireStream"/>.</summary>
internal static class WebSocketUpgrade
{
    private const string KeyGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static bool IsRequested(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && string.Equals(request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase)
        && request.Headers.SecWebSocketVersion == "13"
        && request.Headers.SecWebSocketKey.Count == 1
        && request.HttpContext.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true;

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 asks for SHA-1; nothing secret depends on it.")]
    public static async Task<(WebSocket WebSocket, WireStream Wire)> AcceptAsync(HttpContext context, RelayLink link)
    {
        var accept = SHA1.HashData(Encoding.ASCII.GetBytes(context.Request.Headers.SecWebSocketKey + KeyGuid));
        context.Response.Headers[HeaderNames.Connection] = "Upgrade";
        context.Response.Headers[HeaderNames.Upgrade] = "websocket";
        context.Response.Headers[HeaderNames.SecWebSocketAccept] = Convert.ToBase64String(accept);
        var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);
        var wire = new WireStream(stream, link);
        var options = new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan };
        return (WebSocket.CreateFromStream(wire, options), wire);
    }
}
