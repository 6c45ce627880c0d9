using System.Net.WebSockets;
using System.Security;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.AwsProxy;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Gateway;

/// <summary>The message gateway: <c>POST /v1/data-channel/&lt;session&gt;</c> gives a node its
/// token; a websocket to the same path opens the data channel.</summary>
internal sealed partial class DataChannelEndpoint(
    SessionRegistry sessions,
    SignatureVerifier signatures,
    Func<ChannelRules> rules,
    TimeProvider time,
    ILogger<DataChannelEndpoint> logger
)
{
    public const string PathPrefix = "/v1/data-channel/";

    private const string SchemaVersion = "1.0";

    /// <summary>A socket that does not say who it is for so long is closed.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    private readonly UpgradeGuard _guard = new(signatures);

    /// <param name="address">Where the caller has found Systems Manager: the channel is beside it.</param>
    public static string StreamUrl(Uri address, EmulatedSession session) =>
        (AwsNames.IsAws(address.Host) ? $"wss://{AwsNames.Beside(address.Host, "ssmmessages")}" : $"ws://{address.Authority}")
        + TargetOf(session);

    public async Task InvokeAsync(HttpContext context)
    {
        var session = sessions.Find(context.Request.Path.Value?[PathPrefix.Length..]);
        if (HttpMethods.IsPost(context.Request.Method))
        {
            await CreateDataChannelAsync(context, session).ConfigureAwait(false);
        }
        else if (!WebSocketUpgrade.IsRequested(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
        else
        {
            await OpenDataChannelAsync(context, session).ConfigureAwait(false);
        }
    }

    /// <summary>CreateDataChannel: 201 with XML, as nodes expect it.</summary>
    private async Task CreateDataChannelAsync(HttpContext context, EmulatedSession? session)
    {
        try
        {
            var body = await AwsJsonEndpoint.ReadBodyAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
            signatures.Verify(context.Request, body, UpgradeGuard.SigningName);
            if (session is null || session.EndedWith is not null)
            {
                throw new ServiceException("ValidationException", "Session is already terminated");
            }

            var token = session.Tokens.Issue(RelaySide.Node);
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.ContentType = "text/xml";
            await context
                .Response.WriteAsync(
                    "<CreateDataChannelResponse xmlns=\"http://ssmmessages.amazonaws.com/doc/2017-10-01/\">"
                        + $"<MessageSchemaVersion>{SchemaVersion}</MessageSchemaVersion><TokenValue>{token}</TokenValue></CreateDataChannelResponse>",
                    context.RequestAborted
                )
                .ConfigureAwait(false);
        }
        catch (ServiceException refusal)
        {
            context.Response.StatusCode = refusal.StatusCode;
            context.Response.ContentType = "text/xml";
            await context
                .Response.WriteAsync(
                    $"<ErrorResponse><Error><Code>{refusal.Code}</Code><Message>{SecurityElement.Escape(refusal.Message)}</Message></Error></ErrorResponse>",
                    context.RequestAborted
                )
                .ConfigureAwait(false);
        }
    }

    private async Task OpenDataChannelAsync(HttpContext context, EmulatedSession? session)
    {
        EmulatedCredential? caller = null;
        ServiceException? refusal = null;
        try
        {
            caller = _guard.Admit(context.Request, session, rules().Signature);
        }
        catch (ServiceException e)
        {
            refusal = e;
        }

        var fault = caller is { IsNode: true } ? null : session?.Faults.TakeUpgradeRefusal();
        if (fault is not null || refusal is not null)
        {
            LogRefused(refusal?.Code ?? "Fault", refusal?.Message ?? "");
            context.Response.StatusCode = fault ?? StatusCodes.Status403Forbidden;
            return;
        }

        using var link = new RelayLink();
        using var abortConnection = link.Aborted.Register(context.Abort);
        using var abortLink = context.RequestAborted.Register(link.Abort);
        var (webSocket, wire) = await WebSocketUpgrade.AcceptAsync(context, link).ConfigureAwait(false);
        using (webSocket)
        {
            var peer = new WebSocketPeer(webSocket, wire, link, time);
            var opened = await ReceiveOpenMessageAsync(peer, link.Aborted).ConfigureAwait(false);
            var side = opened?.ClientInstanceId is null ? RelaySide.Client : RelaySide.Node;
            var reason = side == RelaySide.Client ? WhyNot(context, session, opened?.ClientVersion) : null;
            if (side == RelaySide.Client && session?.Faults.TakeOpeningRefusal() is var (closeCode, said))
            {
                LogRefused($"Fault {closeCode}", said);
                link.Close((WebSocketCloseStatus)closeCode, said);
                await peer.RunAsync(Ignore).ConfigureAwait(false);
                return;
            }

            if (reason is not null || session is null || opened is null || !session.Tokens.TryRedeem(side, opened.TokenValue))
            {
                LogRefused("PolicyViolation", reason ?? "The token is missing, unknown, or used.");
                link.Close(WebSocketCloseStatus.PolicyViolation, reason ?? "Invalid token");
                await peer.RunAsync(Ignore).ConfigureAwait(false);
                return;
            }

            if (side == RelaySide.Client && caller is not null)
            {
                session.Counters.SignedClientConnected();
            }

            await ServeAsync(session, side, peer, link).ConfigureAwait(false);
        }
    }

    private static string TargetOf(EmulatedSession session) =>
        $"{PathPrefix}{session.Id}?role=publish_subscribe&cell-number={session.CellNumber}";

    // A client has to open the address as it was handed out, byte for byte.
    private string? WhyNot(HttpContext context, EmulatedSession? session, string? clientVersion)
    {
        if (session is not null && context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget != TargetOf(session))
        {
            return "Unknown address";
        }

        return
            rules().MinimumClientVersion is { } minimum
            && (
                !DottedVersion.TryParse(clientVersion, out var version)
                || !DottedVersion.TryParse(minimum, out var least)
                || version < least
            )
            ? $"Client version is below {minimum}"
            : null;
    }

    private async Task ServeAsync(EmulatedSession session, RelaySide side, WebSocketPeer peer, RelayLink link)
    {
        LogAttached(session.Id, side);
        await using var lifetime = time.CreateTimer(
                _ => link.Close(WebSocketCloseStatus.NormalClosure, "Bye"),
                null,
                side == RelaySide.Client ? session.ClientConnectionLifetime : Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan
            )
            .ConfigureAwait(false);
        session.Relay.Attach(side, link);
        try
        {
            await peer.RunAsync(message => session.Relay.ForwardAsync(side, message)).ConfigureAwait(false);
        }
        finally
        {
            session.Relay.Detach(side, link);
            LogDetached(session.Id, side);
        }
    }

    /// <summary>The first message: text, JSON. Null when it does not come, or is something else.</summary>
    private async Task<OpenDataChannelInput?> ReceiveOpenMessageAsync(WebSocketPeer peer, CancellationToken aborted)
    {
        using var timeout = new CancellationTokenSource(OpenTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, aborted);
        try
        {
            if (await peer.ReceiveMessageAsync(either.Token).ConfigureAwait(false) is not var (buffer, length, type))
            {
                return null;
            }

            var message = new RelayMessage(buffer, length);
            try
            {
                return type == WebSocketMessageType.Text
                    ? JsonSerializer.Deserialize(message.Span, OpenDataChannelJson.Default.OpenDataChannelInput)
                    : null;
            }
            finally
            {
                message.Release();
            }
        }
        catch (Exception exception) when (exception is JsonException or WebSocketException or OperationCanceledException)
        {
            return null;
        }
    }

    private static ValueTask Ignore(RelayMessage message)
    {
        message.Release();
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(20, LogLevel.Information, "Data channel refused: {Code}: {Message}")]
    private partial void LogRefused(string code, string message);

    [LoggerMessage(21, LogLevel.Information, "{SessionId}: the {Side} is connected")]
    private partial void LogAttached(string sessionId, RelaySide side);

    [LoggerMessage(22, LogLevel.Information, "{SessionId}: the {Side} is gone")]
    private partial void LogDetached(string sessionId, RelaySide side);
}
