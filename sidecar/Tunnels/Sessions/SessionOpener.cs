using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.DataChannels;
using RdsTunnel.Tunnels.JumpHosts;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>Opens a tunnel's sessions: through the jump host that its user named, else through the best one. Thread-safe.</summary>
/// <param name="sessionThrough">What a session through a jump host is to be.</param>
/// <param name="access">Its access to the jump host, where that has to be asked for.</param>
/// <param name="onProgress">Told when <see cref="Progress"/> has changed.</param>
internal sealed class SessionOpener(
    TunnelRequest request,
    ISessionServices services,
    ITargets targets,
    Func<string, PortSessionRequest> sessionThrough,
    SessionStarts starts,
    SessionEnds ends,
    JumpHostStarts jumpHosts,
    TunnelAccess access,
    Action onProgress,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>Jump hosts that a single attempt tries, so that a connection does not walk through all that an account has.</summary>
    private const int MaxTargets = 3;

    /// <summary>How long an agent that answers Systems Manager may take until sessions reach it.</summary>
    private static readonly TimeSpan FirstSessionTime = TimeSpan.FromMinutes(1);

    private readonly ChannelSigning _signing = new();
    private volatile SelectedTarget? _target = request.Target is { } target ? new(target, null, []) : null;

    /// <summary>The jump host: as asked for, else the one that was selected last.</summary>
    public SelectedTarget? Target => _target;

    /// <summary>How far the start of the jump host has come; null while none is being started.</summary>
    public string? Progress { get; private set; }

    /// <summary>What failed for want of credentials or permissions is tried again.</summary>
    public void OnCredentialsRenewed() => _signing.Forget();

    /// <inheritdoc cref="PortSession.OpenAsync"/>
    public async Task<PortSession> OpenAsync(CancellationToken cancellationToken, CancellationToken abort)
    {
        var service = services.For(request.Scope);
        if (request.Target is { } named)
        {
            return await OpenWithAccessAsync(service, named, cancellationToken, abort).ConfigureAwait(false);
        }

        var failures = new Dictionary<string, ExceptionDispatchInfo>();
        while (true)
        {
            // Another one than access was requested to would need a request of its own.
            var selected =
                access.Target is { } asked && _target is { } last && last.Target == asked
                    ? last
                    : await starts
                        .SelectAsync(service, request, () => targets.SelectAsync(request, cancellationToken), cancellationToken)
                        .ConfigureAwait(false);
            var target = selected.Target;
            if (failures.TryGetValue(target, out var failure))
            {
                failure.Throw(); // no other one is left
            }

            _target = selected;
            try
            {
                return await OpenWithAccessAsync(service, target, cancellationToken, abort).ConfigureAwait(false);
            }
            catch (AwsException e) when (IsAboutTheTarget(e) && failures.Count + 1 < MaxTargets)
            {
                TunnelLog.JumpHostPassedOver(logger, target, e.Message);
                failures.Add(target, ExceptionDispatchInfo.Capture(e));
                targets.OnFailed(request, target, TargetFailure.NoSession);
            }
            catch (Exception e) when (IsAboutTheTarget(e))
            {
                targets.OnFailed(request, target, TargetFailure.NoSession);
                throw;
            }
        }
    }

    // A policy may allow sessions on some instances only.
    private static bool IsAboutTheTarget(Exception failure) =>
        failure
            is AwsException { Code: AwsErrorCode.TargetNotConnected or AwsErrorCode.AccessDenied }
                or DataChannelException { Error: DataChannelError.HandshakeTimeout };

    private Task<PortSession> OpenWithAccessAsync(
        ISessionService service,
        string target,
        CancellationToken cancellationToken,
        CancellationToken abort
    ) => access.OpenAsync(service, target, each => OpenAsync(each, target, cancellationToken, abort), cancellationToken);

    private async Task<PortSession> OpenAsync(
        ISessionService service,
        string target,
        CancellationToken cancellationToken,
        CancellationToken abort
    )
    {
        if (!JumpHostStarts.CanStart(target) || service.Instances is not { } power)
        {
            return await OpenOnceAsync(service, target, cancellationToken, abort).ConfigureAwait(false);
        }

        long? startedAt = null;
        while (true)
        {
            try
            {
                var session = await OpenOnceAsync(service, target, cancellationToken, abort).ConfigureAwait(false);
                if (request.StartJumpHost)
                {
                    jumpHosts.OnOpened(power, target, session.Id, session.Completion);
                }

                return session;
            }
            catch (AwsException e) when (e.Code == AwsErrorCode.TargetNotConnected)
            {
                if (!request.StartJumpHost)
                {
                    throw await JumpHostStarts.ExplainAsync(power, target, e, cancellationToken).ConfigureAwait(false);
                }

                if (startedAt is { } at && time.GetElapsedTime(at) > FirstSessionTime)
                {
                    throw;
                }

                await StartAsync(power, target, e, cancellationToken).ConfigureAwait(false);
                startedAt ??= time.GetTimestamp();
            }
        }
    }

    private async Task StartAsync(IInstancePower power, string target, AwsException failure, CancellationToken cancellationToken)
    {
        try
        {
            await jumpHosts.StartAsync(power, target, failure, Report, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Report(null);
        }

        void Report(string? progress)
        {
            Progress = progress;
            onProgress();
        }
    }

    private Task<PortSession> OpenOnceAsync(
        ISessionService service,
        string target,
        CancellationToken cancellationToken,
        CancellationToken abort
    )
    {
        var session = sessionThrough(target);
        return starts.OpenAsync(
            service,
            session,
            () => PortSession.OpenAsync(service, session, starts, ends, _signing, time, logger, cancellationToken, abort),
            cancellationToken
        );
    }
}
