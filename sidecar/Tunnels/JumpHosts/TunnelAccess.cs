using RdsTunnel.Aws;

namespace RdsTunnel.Tunnels.JumpHosts;

/// <summary>A tunnel's access to its jump host, where it has to be asked for: by one request at most, since that is what its user has
/// agreed to. Thread-safe.</summary>
/// <param name="reasonFor">For the approvers of access to a node; null when the tunnel may not ask.</param>
/// <param name="onChanged">Told when <see cref="Failure"/> has changed.</param>
internal sealed class TunnelAccess(AccessRequests requests, Func<string, string>? reasonFor, Action onChanged) : IDisposable
{
    private readonly Lock _gate = new();
    private AccessRequest? _current; // guarded by _gate
    private bool _isClosed; // guarded by _gate

    /// <summary>The request that it waits for or uses, or the one that has ended last; null without one.</summary>
    public string? RequestId => Current?.Id;

    /// <summary>The jump host that it has asked for access to; null when another one may be selected.</summary>
    public string? Target => Current is { HasEnded: false } current ? current.Target : null;

    /// <summary>Why there is no access; null when there is, or when none has been asked for.</summary>
    public AwsException? Failure => Current?.Failure;

    private AccessRequest? Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>Opens something on a jump host, with access that was requested if that is the only way.</summary>
    /// <exception cref="AwsException">There is no access (yet), or something else.</exception>
    public async Task<T> OpenAsync<T>(
        ISessionService service,
        string target,
        Func<ISessionService, Task<T>> open,
        CancellationToken cancellationToken
    )
    {
        if (Current is not { } request)
        {
            try
            {
                return await open(service).ConfigureAwait(false);
            }
            catch (AwsException denial)
                when (denial is { Code: AwsErrorCode.AccessDenied, IsOfCredentials: false }
                    && service.NodeAccess is not null
                    && AccessRequests.CanRequest(target)
                )
            {
                request = Ask(service, target, denial);
            }
        }

        await request.Answered.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (request.Sessions is not { } granted)
        {
            throw WhyNot(request);
        }

        try
        {
            return await open(granted).ConfigureAwait(false);
        }
        catch (AwsException e) when (e.Code == AwsErrorCode.AccessEnded)
        {
            request.End(e);
            throw;
        }
    }

    /// <summary>Somebody has signed in.</summary>
    public void Hurry() => Current?.Hurry();

    public void Dispose()
    {
        AccessRequest? current;
        lock (_gate)
        {
            _isClosed = true;
            current = _current;
        }

        if (current is not null)
        {
            Leave(current);
        }
    }

    private AccessRequest Ask(ISessionService service, string target, AwsException denial)
    {
        if (reasonFor is null)
        {
            throw new AwsException(
                denial.Code,
                $"{denial.Message} If your organization grants access just in time, the tunnel can request it (requestAccess).",
                denial
            );
        }

        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_current is null)
            {
                _current = requests.Join(service, service.NodeAccess!, target, reasonFor(target), denial);
                _current.Changed += onChanged;
            }

            return _current;
        }
    }

    private AwsException WhyNot(AccessRequest request)
    {
        var failure = request.Failure!;
        if (request.WasNotMade && Drop(request))
        {
            Leave(request);
        }

        return failure;
    }

    private bool Drop(AccessRequest request)
    {
        lock (_gate)
        {
            var isCurrent = _current == request && !_isClosed;
            _current = isCurrent ? null : _current;
            return isCurrent;
        }
    }

    private void Leave(AccessRequest request)
    {
        request.Changed -= onChanged;
        requests.Leave(request);
    }
}
