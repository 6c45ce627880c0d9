using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Sharing;

/// <summary>A tunnel of this process and those who use it: its window, and other windows through
/// its door. When nobody does any more it is closed. Thread-safe.</summary>
internal sealed class HeldTunnel : ITunnelUse, ITunnelList
{
    private readonly ITunnels _own;
    private readonly string _id;
    private readonly SharingDoor? _door;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private TunnelInfo _last;
    private bool _hasTold;
    private int _users = 1; // the window
    private bool _isOfWindow = true;

    public HeldTunnel(ITunnels own, TunnelInfo opened, Func<HeldTunnel, SharingDoor?> door)
    {
        (_own, _id, _last) = (own, opened.Id, opened);
        _door = door(this);
    }

    public event Action<TunnelInfo>? StateChanged;

    public TunnelInfo Info
    {
        get
        {
            var now = _own.Find(_id);
            lock (_gate)
            {
                return (_last = now ?? _last) with { Windows = _users };
            }
        }
    }

    public Task Lost { get; } = new TaskCompletionSource().Task;

    /// <summary>Completed when nobody uses it any more, and its port is released.</summary>
    public Task Closed => _closed.Task;

    public bool IsUsedByOthers
    {
        get
        {
            lock (_gate)
            {
                return _users > (_isOfWindow ? 1 : 0);
            }
        }
    }

    public bool IsIdle => Info.Statistics.ConnectionsNow == 0;

    /// <summary>Another window, which can be asked what its own cannot.</summary>
    public JsonRpcConnection? Peer => _door?.Peer;

    public IReadOnlyList<TunnelInfo> List() => [Info];

    public Task WarmUpAsync(CancellationToken cancellationToken) => _own.WarmUpAsync(_id, cancellationToken);

    /// <returns>False when it is being closed.</returns>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_users == 0)
            {
                return false;
            }

            _users++;
        }

        Tell(Info);
        return true;
    }

    public async Task LeaveAsync()
    {
        bool isLast;
        lock (_gate)
        {
            isLast = --_users == 0;
        }

        if (!isLast)
        {
            Tell(Info);
            return;
        }

        // The pipe before the port: whoever binds that next makes a pipe of the same name.
        await CloseDoorAsync().ConfigureAwait(false);
        try
        {
            await _own.CloseAsync(_id, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TunnelException e) when (e.Code == TunnelErrorCode.NotFound)
        {
            // The process is ending, and closes all of them.
        }
        finally
        {
            _closed.TrySetResult();
        }
    }

    public Task CloseDoorAsync() => _door?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    /// <summary>The window lets go of it.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isOfWindow = false;
        }

        await LeaveAsync().ConfigureAwait(false);
    }

    /// <summary>Tells the tunnel's first state, unless a later one has been told already.</summary>
    public void TellFirst()
    {
        var info = Info;
        lock (_gate)
        {
            if (!_hasTold)
            {
                StateChanged?.Invoke(info);
            }
        }
    }

    /// <summary>What becomes of the tunnel, in order.</summary>
    public void Tell(TunnelInfo info)
    {
        lock (_gate)
        {
            _hasTold = true;
            StateChanged?.Invoke(info with { Windows = _users });
        }
    }
}
