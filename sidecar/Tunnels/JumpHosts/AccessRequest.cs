using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.DataChannels;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.JumpHosts;

/// <summary>A request for access to a node: made once, and asked about until somebody has decided. Thread-safe.</summary>
/// <param name="reason">For the approvers.</param>
/// <param name="denial">What a session failed with: why there is a request.</param>
internal sealed class AccessRequest(
    INodeAccess access,
    string target,
    string reason,
    AwsException denial,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>An automatic approval is there by then.</summary>
    public static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(2);

    /// <summary>A person who approves has not gone for coffee when the tunnel notices.</summary>
    public static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(30);

    private readonly Backoff _backoff = new(time);
    private volatile TaskCompletionSource _answered = NewSignal();
    private volatile State _state = new(null, null, HasEnded: false);
    private volatile string? _id;

    /// <summary>It has been approved, has ended, or waits for somebody else now.</summary>
    public event Action? Changed;

    public string Target => target;

    /// <summary>Null until AWS has given it one.</summary>
    public string? Id => _id;

    /// <summary>Starts sessions on the node; null unless it was approved.</summary>
    public ISessionService? Sessions => _state.Sessions;

    /// <summary>Why there is no access (yet); null once it was approved.</summary>
    public AwsException? Failure => _state.Failure;

    /// <summary>Only another request can help.</summary>
    public bool HasEnded => _state.HasEnded;

    /// <summary>Nobody has been asked: what failed can be tried again without bothering anybody twice.</summary>
    public bool WasNotMade => HasEnded && Failure?.Code != AwsErrorCode.AccessEnded;

    /// <summary>Complete when it is known how things stand.</summary>
    public Task Answered => _answered.Task;

    /// <summary>Somebody wants it again: what was known before may have changed.</summary>
    public void Renew() => _answered = NewSignal();

    /// <summary>Makes the request, unless it was made before, and returns when somebody has decided.</summary>
    /// <param name="cancellationToken">Nobody waits any more: the request stays with its approvers.</param>
    /// <param name="abort">The process ends.</param>
    public async Task RunAsync(CancellationToken cancellationToken, CancellationToken abort)
    {
        await Task.Yield();
        try
        {
            if (_id is not null || await MakeAsync(abort).ConfigureAwait(false))
            {
                await LookUntilDecidedAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            AccessLog.Left(logger, _id ?? "", target);
        }
        catch (Exception e)
        {
            // Nobody looks after it any more: whoever waits must not wait for ever.
            End(
                new AwsException(
                    _id is null ? AwsErrorCode.ServiceFault : AwsErrorCode.AccessEnded,
                    $"Access to {target} couldn't be requested: {SafeText.Describe(e)}. The log has the details.",
                    e
                )
            );
        }
    }

    /// <summary>Somebody has signed in, or waits again.</summary>
    public void Hurry() => _backoff.Hurry();

    /// <summary>What it has given was taken back, or its time is over.</summary>
    public void End(AwsException end)
    {
        AccessLog.Ended(logger, _id ?? "", end.Message);
        Become(new State(null, end, HasEnded: true));
    }

    /// <returns>False when there is none to wait for.</returns>
    private async Task<bool> MakeAsync(CancellationToken abort)
    {
        try
        {
            _id = await access.RequestAsync(target, reason, abort).ConfigureAwait(false);
            AccessLog.Requested(logger, target, _id);
            return true;
        }
        catch (AwsException e) when (e.Code is AwsErrorCode.Unreachable or AwsErrorCode.ServiceFault)
        {
            End(
                new AwsException(
                    AwsErrorCode.AccessEnded,
                    $"Access to {target} may have been requested, but AWS's answer was lost. {e.Message} Request access again if the approvers see no request.",
                    e
                )
            );
        }
        catch (AwsException e) when (e.NeedsSignIn || e.IsOfCredentials || e.Code == AwsErrorCode.Throttled)
        {
            End(e);
        }
        catch (AwsException e)
        {
            End(
                new AwsException(
                    denial.Code,
                    $"{denial.Message} Access can't be requested either. {e.Message} If your organization doesn't grant access just in time, "
                        + "leave requestAccess out.",
                    e
                )
            );
        }

        return false;
    }

    private async Task LookUntilDecidedAsync(CancellationToken cancellationToken)
    {
        for (var wait = FirstLook; ; wait = wait * 1.5 < LongestLook ? wait * 1.5 : LongestLook)
        {
            if (await LookAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            await _backoff.WaitAsync(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Whether somebody has decided.</returns>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var sessions = await access.LookAsync(_id!, target, cancellationToken).ConfigureAwait(false);
            if (sessions is not null)
            {
                AccessLog.Approved(logger, _id!, target);
            }

            Become(new State(sessions, sessions is null ? Pending() : null, HasEnded: false));
            return sessions is not null;
        }
        catch (AwsException e) when (e.IsTransient)
        {
            AccessLog.NotLooked(logger, _id!, SafeText.Describe(e));
            Become(_state.Failure is null ? new State(null, Pending(), HasEnded: false) : _state);
        }
        catch (AwsException e)
            when (e.NeedsSignIn || e.IsOfCredentials || e.Code is AwsErrorCode.CredentialsInvalid or AwsErrorCode.CredentialsUnavailable)
        {
            Become(new State(null, e, HasEnded: false));
        }
        catch (AwsException e)
        {
            End(
                e.Code == AwsErrorCode.AccessEnded
                    ? e
                    : new AwsException(
                        AwsErrorCode.AccessEnded,
                        $"Nobody can tell what becomes of the request {_id} for access to {target}. {e.Message} Only the identity and role session name that made a "
                            + "request may ask about it.",
                        e
                    )
            );
            return true;
        }

        return false;
    }

    private AwsException Pending() =>
        new(
            AwsErrorCode.AccessPending,
            $"Access to {target} waits for approval (request {_id}). Approvers find it in AWS Systems Manager under Node access. Connections wait for up to five minutes."
        );

    private void Become(State state)
    {
        var isNews = _state.Failure?.Message != state.Failure?.Message || _state.HasEnded != state.HasEnded;
        _state = state;
        _answered.TrySetResult();
        if (isNews)
        {
            Changed?.Invoke();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record State(ISessionService? Sessions, AwsException? Failure, bool HasEnded);
}
