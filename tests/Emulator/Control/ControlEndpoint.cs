using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Ec2;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Emulator.NodeAccess;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Control;

/// <summary>What a test in another process may see and do.</summary>
/// <remarks><code>
/// GET  /_emulator/sessions                  all sessions ever started, oldest first
/// GET  /_emulator/sessions/{id}             one of them
/// POST /_emulator/sessions/{id}/faults      a FaultPlan, at once
/// POST /_emulator/sessions/{id}/terminate   as TerminateSession, without a signature
/// POST /_emulator/faults                    a FaultPlan for each session that starts from now on; {} for none
/// POST /_emulator/api-faults                an ApiFaultPlan for the next calls
/// POST /_emulator/channel                   ChannelRules, from now on
/// GET  /_emulator/proxied-hosts             the names that clients have asked the proxy for
/// GET  /_emulator/secrets                   the secrets in all answers so far
/// POST /_emulator/console-login             what aws login would have now, for a public key on P-256: {"x":…,"y":…}
/// POST /_emulator/fail-over                 {"cluster":…}: its next instance becomes the writer
/// GET  /_emulator/instances                 what has become of each
/// POST /_emulator/instances                 {"instanceId":…,"isOnline":…,"agentVersion":…}: a jump host goes, comes, or gets another agent
/// POST /_emulator/deploy                    {"cluster":…,"service":…}: each task of a service of ECS is replaced
/// GET  /_emulator/access-requests           the requests for access to nodes, oldest first
/// POST /_emulator/access-requests/{id}      {"status":…}: an approver decides, or takes it back
/// POST /_emulator/expire-sign-ins           everybody is signed out, and temporary credentials are over
/// POST /_emulator/expire-credentials        temporary credentials are over, and sign-ins can be renewed
/// </code></remarks>
internal sealed class ControlEndpoint(
    SessionRegistry sessions,
    ApiFaults apiFaults,
    SecretsGivenOut secrets,
    Func<IReadOnlyCollection<string>> proxiedHosts,
    Action expireSignIns,
    Action expireCredentials,
    Action<ChannelRules> setChannelRules,
    Func<ConsoleLoginKey, ConsoleLogin.ConsoleLogin> logIn,
    Action<string> failOver,
    Action<InstancePlan> changeInstance,
    Action<DeployPlan> deploy,
    Func<IReadOnlyList<InstanceDescription>> instances,
    AccessRequests accesses
)
{
    public const string PathPrefix = "/_emulator/";

    private volatile FaultPlan _planOfNewSessions = new();

    public FaultPlan PlanOfNewSessions => _planOfNewSessions;

    public async Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value![PathPrefix.Length..].Split('/');
        try
        {
            switch (context.Request.Method, path)
            {
                case ("GET", ["sessions"]):
                    await AnswerAsync(
                            context,
                            [.. sessions.All.Select(SessionDescription.Of)],
                            ControlJson.Default.IReadOnlyListSessionDescription
                        )
                        .ConfigureAwait(false);
                    break;
                case ("GET", ["sessions", var id]) when sessions.Find(id) is { } session:
                    await AnswerAsync(context, SessionDescription.Of(session), ControlJson.Default.SessionDescription)
                        .ConfigureAwait(false);
                    break;
                case ("POST", ["sessions", var id, "faults"]) when sessions.Find(id) is { } session:
                    (await ReadAsync(context, ControlJson.Default.FaultPlan).ConfigureAwait(false)).ApplyTo(session.Faults);
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("POST", ["sessions", var id, "terminate"]) when sessions.Find(id) is { } session:
                    session.End(SessionEndReason.Terminated, "");
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("POST", ["faults"]):
                    _planOfNewSessions = await ReadAsync(context, ControlJson.Default.FaultPlan).ConfigureAwait(false);
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("POST", ["api-faults"]):
                    (await ReadAsync(context, ControlJson.Default.ApiFaultPlan).ConfigureAwait(false)).ApplyTo(apiFaults);
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("POST", ["channel"]):
                    setChannelRules(await ReadAsync(context, ControlJson.Default.ChannelRules).ConfigureAwait(false));
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("POST", ["console-login"]):
                    var login = logIn(await ReadAsync(context, ControlJson.Default.ConsoleLoginKey).ConfigureAwait(false));
                    await AnswerAsync(context, login, ControlJson.Default.ConsoleLogin).ConfigureAwait(false);
                    break;
                case ("GET", ["proxied-hosts"]):
                    await AnswerAsync(context, proxiedHosts(), ControlJson.Default.IReadOnlyCollectionString).ConfigureAwait(false);
                    break;
                case ("GET", ["secrets"]):
                    await AnswerAsync(context, secrets.Values, ControlJson.Default.IReadOnlyCollectionString).ConfigureAwait(false);
                    break;
                case ("POST", ["fail-over"]):
                    failOver((await ReadAsync(context, ControlJson.Default.FailOverPlan).ConfigureAwait(false)).Cluster);
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("GET", ["instances"]):
                    await AnswerAsync(context, instances(), ControlJson.Default.IReadOnlyListInstanceDescription).ConfigureAwait(false);
                    break;
                case ("POST", ["instances"]):
                    changeInstance(await ReadAsync(context, ControlJson.Default.InstancePlan).ConfigureAwait(false));
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("POST", ["deploy"]):
                    deploy(await ReadAsync(context, ControlJson.Default.DeployPlan).ConfigureAwait(false));
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("GET", ["access-requests"]):
                    await AnswerAsync(context, accesses.All, ControlJson.Default.IReadOnlyListAccessRequestDescription)
                        .ConfigureAwait(false);
                    break;
                case ("POST", ["access-requests", var id]):
                    accesses.Decide(id, (await ReadAsync(context, ControlJson.Default.DecisionPlan).ConfigureAwait(false)).Status);
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("POST", ["expire-sign-ins"]):
                    expireSignIns();
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                case ("POST", ["expire-credentials"]):
                    expireCredentials();
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    break;
                default:
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    break;
            }
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(exception.Message, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static Task AnswerAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(answer, type, cancellationToken: context.RequestAborted);

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class =>
        await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
        ?? throw new JsonException("null");
}
