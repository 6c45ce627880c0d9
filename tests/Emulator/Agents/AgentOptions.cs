namespace RdsTunnel.Emulator.Agents;

/// <summary>How the emulated agents behave.</summary>
public sealed record AgentOptions
{
    /// <summary>True: no sleep after each message, to measure what everything else can carry.</summary>
    public bool Unpaced { get; init; }

    /// <summary>For so long after HandshakeComplete the port plugin is not ready, and data is not acknowledged.</summary>
    public TimeSpan PluginStartTime { get; init; }

    /// <summary>True: the agent connects before any client has. A real one needs longer to start than a client to connect.</summary>
    public bool ConnectsBeforeClient { get; init; }

    /// <summary>Stands for the network: throws a <see cref="System.Net.Sockets.SocketException"/>
    /// where no packet gets through to a target's host and port.</summary>
    public Action<string, int> ThrowIfBlocked { get; init; } = (_, _) => { };

    /// <summary>Stands for the DNS of the agent's network: gives the address and port to dial for a target's host and port.</summary>
    public Func<string, int, (string Host, int Port)> Resolve { get; init; } = (host, port) => (host, port);
}
