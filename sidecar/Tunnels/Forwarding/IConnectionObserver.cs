using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>What a connection tells of its way. Its calls come from the connection's own loops, and do not block.</summary>
internal interface IConnectionObserver
{
    /// <summary>It broke, and neither its client nor its target had ended it.</summary>
    void OnReset(Exception reason);

    /// <summary>The target's first bytes are here, or it has let a login in. Told once.</summary>
    void OnAnswered(PortConnection connection, TimeSpan sinceAccepted);

    /// <summary>The client is gone, and has had no answer.</summary>
    /// <param name="hasAsked">It had sent something.</param>
    void OnGivenUp(PortConnection connection, TimeSpan after, bool hasAsked);
}
