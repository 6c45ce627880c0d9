namespace RdsTunnel.Tunnels;

/// <summary>Knows which instance of a cluster takes writes. Thread-safe.</summary>
public interface IWriters
{
    /// <summary>Null for a tunnel that leads to no cluster's writer endpoint.</summary>
    FindWriter? QuestionFor(TunnelRequest request);
}

/// <summary>Asks for the writer. It fails only when it is cancelled.</summary>
/// <returns>The instance's name; null when it could not be found out.</returns>
public delegate Task<string?> FindWriter(CancellationToken cancellationToken);
