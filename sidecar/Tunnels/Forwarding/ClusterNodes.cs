using Microsoft.Extensions.Logging;
using RdsTunnel.Databases;
using RdsTunnel.Faults;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>A tunnel's way to the other nodes of its cluster: a tunnel for each, which opens when
/// the cluster names the node, and closes with this one. Thread-safe.</summary>
/// <param name="open">Opens a node's tunnel, which gives <see cref="SeenFrom"/> to its own login.</param>
internal sealed class ClusterNodes(TunnelRequest cluster, Login login, OpenNode open, ILogger logger) : IAsyncDisposable
{
    /// <summary>ElastiCache has 90 nodes in a cluster unless asked for more.</summary>
    private const int MaxNodes = 128;

    /// <summary>Of those that were said to be none of the cluster's.</summary>
    private const int MaxTold = 16;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<NodeAddress, Tunnel> _nodes = [];
    private readonly HashSet<NodeAddress> _told = [];
    private bool _isClosed; // or being drained

    private Tunnel? _main;

    /// <summary>Those that have a port, in the order in which the cluster named them.</summary>
    public IReadOnlyList<TunnelNode> List
    {
        get
        {
            lock (_gate)
            {
                return [.. _nodes.Select(node => new TunnelNode(node.Key.Host, node.Key.Port, node.Value.LocalPort))];
            }
        }
    }

    /// <summary>The tunnel whose nodes these are. Before it is known, there are none.</summary>
    public void BelongTo(Tunnel main) => Volatile.Write(ref _main, main);

    /// <param name="host">Of the connections that ask.</param>
    public IClusterPeers SeenFrom(string host) => new Peers(this, host);

    /// <summary>Connections to the nodes that are open.</summary>
    public int Connections
    {
        get
        {
            lock (_gate)
            {
                return _nodes.Values.Sum(node => node.Connections);
            }
        }
    }

    /// <summary>Lets nobody in any more; completes when the connections that are there have ended.</summary>
    public Task DrainAsync() => Task.WhenAll(Close().Select(node => node.DrainAsync()));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Close().Select(node => node.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private Tunnel[] Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return [.. _nodes.Values];
        }
    }

    private int? LocalPortOf(NodeAddress node)
    {
        if (Volatile.Read(ref _main) is not { } main)
        {
            return null;
        }

        if (node == NodeAddress.Of(cluster.Host!, cluster.Port))
        {
            return main.LocalPort;
        }

        Tunnel opened;
        lock (_gate)
        {
            if (_nodes.TryGetValue(node, out var known))
            {
                return known.LocalPort;
            }

            if (_isClosed || TryOpen(node) is not { } made)
            {
                return null;
            }

            _nodes.Add(node, opened = made);
        }

        TunnelLog.NodeOpened(logger, opened.LocalPort, node.Host, node.Port);
        main.Report();
        return opened.LocalPort;
    }

    // Under _gate. Null when nothing may or can lead there.
    private Tunnel? TryOpen(NodeAddress node)
    {
        if (NodeRule.NameOf(cluster.Host!, node.Host) is not { } name)
        {
            Tell(node, "its host isn't one of the cluster's own");
            return null;
        }

        if (_nodes.Count == MaxNodes)
        {
            Tell(node, "too many local ports are open");
            return null;
        }

        try
        {
            return open(
                cluster with
                {
                    Name = $"{cluster.Name ?? cluster.Host} ({node.Host})",
                    Host = node.Host,
                    Port = node.Port,
                    LocalPort = 0,
                    Socket = false,
                    OpenNow = false,
                },
                login with
                {
                    Host = name,
                    Peers = SeenFrom(node.Host),
                }
            );
        }
        catch (TunnelException e)
        {
            Tell(node, SafeText.Describe(e));
            return null;
        }
    }

    // Under _gate. Once each: tools ask often.
    private void Tell(NodeAddress node, string why)
    {
        if (_told.Count < MaxTold && _told.Add(node))
        {
            TunnelLog.NodeLeftOut(logger, ForeignText.Line(node.Host), node.Port, why);
        }
    }

    private sealed class Peers(ClusterNodes nodes, string here) : IClusterPeers
    {
        public int? LocalPortOf(string? host, int port) => nodes.LocalPortOf(NodeAddress.Of(host ?? here, port));
    }
}

/// <summary>Opens the tunnel of a cluster's node.</summary>
/// <exception cref="TunnelException">It has no port.</exception>
internal delegate Tunnel OpenNode(TunnelRequest request, Login login);

internal readonly record struct NodeAddress(string Host, int Port)
{
    public static NodeAddress Of(string host, int port) => new(Aws.HostName.Normalize(host), port);
}
