using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

/// <summary>Tunnels that do what a test says.</summary>
internal sealed class FakeTunnels : ITunnels
{
    private readonly List<TunnelInfo> _open = [];

    public event Action<TunnelInfo>? StateChanged;

    public event Action<TunnelInfo>? Opened;

    public static TunnelStatistics NoTraffic { get; } = new(0, 0, 0, 0, null, 0, 0, 0, 0);

    /// <summary>The jump host of tunnels whose request names none.</summary>
    public SelectedTarget? JumpHost { get; set; }

    public List<TunnelRequest> Requests { get; } = [];

    public bool IsDisposed { get; private set; }

    /// <summary>What OpenAsync and CloseAsync wait for first, and whose exception they throw.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public Func<Task> BeforeDispose { get; set; } = () => Task.CompletedTask;

    public async Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        await Before(cancellationToken);
        var info = new TunnelInfo(
            $"t{_open.Count + 1}",
            request,
            request.Target is { } target ? new(target, null, []) : JumpHost,
            request.LocalPort == 0 ? 15432 : request.LocalPort,
            TunnelState.Listening,
            null,
            null,
            NoTraffic
        );
        lock (_open)
        {
            Requests.Add(request);
            _open.Add(info);
        }

        Opened?.Invoke(info);
        return info;
    }

    public List<string> WarmedUp { get; } = [];

    public async Task WarmUpAsync(string tunnelId, CancellationToken cancellationToken)
    {
        await Before(cancellationToken);
        WarmedUp.Add(tunnelId);
    }

    public async Task CloseAsync(string tunnelId, CancellationToken cancellationToken)
    {
        await Before(cancellationToken);
        lock (_open)
        {
            if (_open.RemoveAll(info => info.Id == tunnelId) == 0)
            {
                throw new TunnelException(TunnelErrorCode.NotFound, $"There is no tunnel {tunnelId}.");
            }
        }
    }

    public IReadOnlyList<TunnelInfo> List()
    {
        lock (_open)
        {
            return [.. _open];
        }
    }

    public void Raise(TunnelInfo info) => StateChanged?.Invoke(info);

    public void Count(string id, TunnelStatistics statistics)
    {
        lock (_open)
        {
            var index = _open.FindIndex(info => info.Id == id);
            _open[index] = _open[index] with { Statistics = statistics };
        }
    }

    public async ValueTask DisposeAsync()
    {
        await BeforeDispose();
        IsDisposed = true;
    }
}
