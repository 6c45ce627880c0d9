namespace RdsTunnel.Databases;

/// <summary>Where tools of this machine find the other nodes of a database's cluster. Thread-safe.</summary>
public interface IClusterPeers
{
    /// <summary>The node's port on 127.0.0.1, which leads to it from now on.</summary>
    /// <param name="host">As the cluster announces it; null for the host of the connection that is asked on.</param>
    /// <returns>Null when nothing leads there: the node is not the cluster's own, or there are too many.</returns>
    int? LocalPortOf(string? host, int port);
}
