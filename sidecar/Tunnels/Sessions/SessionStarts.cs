using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.DataChannels;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels.Measures;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>Keeps the tunnels of an identity and region from asking again and again for what has
/// just failed for all of them. Thread-safe.</summary>
internal sealed class SessionStarts(TimeProvider time, ILogger logger)
{
    /// <summary>AWS has refused the call and its repetitions, which took three seconds, already.</summary>
    private static readonly TimeSpan ThrottledPause = TimeSpan.FromSeconds(5);

    /// <summary>Jump hosts, or databases that have none, of one identity that fail at a time. Beyond it their waits begin anew,
    /// so that no caller fills the memory.</summary>
    private const int MaxTargets = 256;

    private readonly ConditionalWeakTable<ISessionService, Identity> _identities = [];

    /// <summary>Starts a session, unless the service has just failed: then after a while, together with other tunnels.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="abort">Ends the call too, at the risk that a session is left behind.</param>
    public Task<SessionAccess> StartAsync(
        ISessionService service,
        PortSessionRequest request,
        CancellationToken cancellationToken,
        CancellationToken abort
    ) =>
        Of(service)
            .Calls.RunAsync(
                () => Spans.StartSessionAsync(() => service.StartSessionAsync(request, abort)),
                wait => TunnelLog.StartPutOff(logger, request.Target, wait.TotalSeconds),
                OfAnotherTunnel,
                cancellationToken
            );

    /// <summary>Selects the jump host of a database, unless that has just failed: then after a while, together with other tunnels. It takes
    /// several calls.</summary>
    public Task<SelectedTarget> SelectAsync(
        ISessionService service,
        TunnelRequest request,
        Func<Task<SelectedTarget>> select,
        CancellationToken cancellationToken
    ) =>
        AttemptsOf(Of(service).Selections, (request.Host!, request.Port), PauseOfSelection)
            .RunAsync(
                select,
                wait => TunnelLog.SelectionPutOff(logger, request.Host!, wait.TotalSeconds),
                failure => failure,
                cancellationToken
            );

    /// <summary>Opens a session through a jump host, unless that has just failed: then after a while.</summary>
    public Task<PortSession> OpenAsync(
        ISessionService service,
        PortSessionRequest request,
        Func<Task<PortSession>> open,
        CancellationToken cancellationToken
    ) =>
        AttemptsOf(Of(service).Targets, (request.Target, request.Document), PauseOfTarget)
            .RunAsync(
                open,
                wait => TunnelLog.StartPutOff(logger, request.Target, wait.TotalSeconds),
                failure => failure,
                cancellationToken
            );

    private Identity Of(ISessionService service) =>
        _identities.GetValue(service, _ => new Identity(new SharedAttempts(PauseOfService, time), [], []));

    private SharedAttempts AttemptsOf<T>(ConcurrentDictionary<T, SharedAttempts> all, T key, Func<Exception, TimeSpan?> pauseAfter)
        where T : notnull
    {
        if (all.Count >= MaxTargets)
        {
            all.Clear();
        }

        return all.GetOrAdd(key, _ => new SharedAttempts(pauseAfter, time));
    }

    // Expired credentials are waited for by each tunnel, which looks whether there are others.
    private static TimeSpan? PauseOfService(Exception failure) =>
        failure switch
        {
            AwsException { Code: AwsErrorCode.Throttled } => ThrottledPause,
            AwsException { IsTransient: true }
            or AwsException { Code: AwsErrorCode.CredentialsInvalid or AwsErrorCode.CredentialsUnavailable } => TimeSpan.Zero,
            _ => null,
        };

    // A choice that is needed is waited for by each tunnel, and may be made at any moment.
    private static TimeSpan? PauseOfSelection(Exception failure) =>
        failure is TunnelException { Code: TunnelErrorCode.NoJumpHost } ? TimeSpan.Zero : PauseOfService(failure);

    private static TimeSpan? PauseOfTarget(Exception failure) =>
        failure
            is AwsException
                {
                    Code: AwsErrorCode.TargetNotConnected
                        or AwsErrorCode.AccessDenied
                        or AwsErrorCode.InvalidDocument
                        or AwsErrorCode.InvalidRequest
                        or AwsErrorCode.ChannelDenied
                }
                or DataChannelException
            ? TimeSpan.Zero
            : null;

    // Its text may name another jump host.
    private static Exception OfAnotherTunnel(Exception failure) =>
        failure is AwsException e
            ? new AwsException(e.Code, $"Another session of the same profile and region has just failed: {SafeText.Describe(e)}", e)
            {
                IsLasting = e.IsLasting,
            }
            : failure;

    private sealed record Identity(
        SharedAttempts Calls,
        ConcurrentDictionary<(string Host, int Port), SharedAttempts> Selections,
        ConcurrentDictionary<(string Target, string? Document), SharedAttempts> Targets
    );
}
