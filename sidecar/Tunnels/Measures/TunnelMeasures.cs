using RdsTunnel.Databases;

namespace RdsTunnel.Tunnels.Measures;

/// <summary>Records what happens to one tunnel. Its labels are the tunnel's name and words of ours: no host, no user. Thread-safe.</summary>
internal sealed class TunnelMeasures(TunnelMeter meter, string tunnel, bool tellsState)
{
    private const string ErrorType = "error.type";

    public string Tunnel => tunnel;

    public bool TellsState => tellsState;

    /// <summary>From now on, collecting reads the tunnel.</summary>
    public void Follow(Func<TunnelInfo> read) => meter.Add(this, read);

    public void Leave() => meter.Remove(this);

    public void OnRefused(RefusalReason reason) => meter.Refused.Add(1, TunnelMeter.Label(tunnel), new("reason", reason.ToString()));

    public void OnReset(TunnelErrorCode code) => meter.Reset.Add(1, TunnelMeter.Label(tunnel), new(ErrorType, code.ToString()));

    public void OnFirstByte(TimeSpan sinceAccepted) => meter.FirstByte.Record(sinceAccepted.TotalSeconds, TunnelMeter.Label(tunnel));

    public void OnSessionStarted(TimeSpan time) => meter.SessionStart.Record(time.TotalSeconds, TunnelMeter.Label(tunnel));

    public void OnSessionFailed(TunnelErrorCode code) =>
        meter.SessionFailed.Add(1, TunnelMeter.Label(tunnel), new(ErrorType, code.ToString()));

    public void OnSessionLost(TunnelErrorCode code) => meter.SessionLost.Add(1, TunnelMeter.Label(tunnel), new(ErrorType, code.ToString()));

    /// <param name="failure">Null when the client is signed in.</param>
    public void OnLogin(LoginError? failure) =>
        meter.Login.Add(1, TunnelMeter.Label(tunnel), new("outcome", failure?.ToString() ?? "Success"));
}

/// <summary>Why a connection was refused.</summary>
internal enum RefusalReason
{
    /// <summary>It is another user's.</summary>
    OtherUser,

    /// <summary>Its client is gone, and with it whose it was.</summary>
    ClientGone,

    /// <summary>The system does not tell whose it is.</summary>
    OwnerUnknown,

    /// <summary>The tunnel has as many as it may have.</summary>
    TunnelFull,

    /// <summary>The process has as many as the system lets it have.</summary>
    ProcessFull,
}
