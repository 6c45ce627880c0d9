using Microsoft.Extensions.Logging;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>What keeps a tunnel from working now. Thread-safe.</summary>
/// <param name="onChanged">Told after each change.</param>
internal sealed class CurrentFault(string tunnelId, Action onChanged, ILogger logger)
{
    private readonly Lock _gate = new();
    private TunnelFault? _value; // guarded by _gate

    /// <summary>Null when nothing is amiss.</summary>
    public TunnelFault? Value
    {
        get
        {
            lock (_gate)
            {
                return _value;
            }
        }
    }

    /// <summary>Another attempt begins. What waits for an approval still does.</summary>
    public void Forget() => Replace(fault => fault.Code != TunnelErrorCode.AccessPending, null);

    public void Set(TunnelFault? fault) => Change(_ => fault);

    /// <summary>Takes the place of a fault of one kind.</summary>
    public void Replace(Func<TunnelFault, bool> isOne, TunnelFault? by) => Change(fault => fault is not null && isOne(fault) ? by : fault);

    private void Change(Func<TunnelFault?, TunnelFault?> change)
    {
        TunnelFault? now;
        lock (_gate)
        {
            now = change(_value);
            if (now == _value)
            {
                return;
            }

            _value = now;
        }

        if (now is not null)
        {
            TunnelLog.Faulted(logger, tunnelId, now.Code, now.Message);
        }

        onChanged();
    }
}
