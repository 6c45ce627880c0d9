namespace RdsTunnel.Smux;

/// <summary>How a session treats memory and time. The defaults suit a client of an SSM agent.</summary>
public sealed record SmuxOptions
{
    /// <summary>As the SSM agent receives: it stops reading the channel while 4 MiB wait in all of its streams together.</summary>
    public static SmuxOptions Agent { get; } = new() { ReceivePolicy = ReceivePolicy.PauseReading, ReceiveBudgetBytes = 4 * 1024 * 1024 };

    /// <summary>What a stream may hold for its local reader before it counts as congested. 1 MiB: more than a second of an
    /// agent's 0.9 MB/s, so that a reader which merely works in bursts does not send new connections elsewhere.</summary>
    public long StreamShareBytes { get; init; } = 1024 * 1024;

    /// <summary>What all streams together may hold for their local readers. 64 MiB: more than a minute of an agent's 0.9 MB/s,
    /// so that a tool which stops reading while a person looks at the first rows keeps its connection.</summary>
    public long ReceiveBudgetBytes { get; init; } = 64 * 1024 * 1024;

    public ReceivePolicy ReceivePolicy { get; init; } = ReceivePolicy.ResetSlowestReader;

    /// <summary>How long a client's FIN waits for the other direction to end while nothing arrives from the peer; between this and
    /// twice this. Data that arrives starts it anew. 60 s is what Linux grants a TCP connection in FIN-WAIT-2.</summary>
    public TimeSpan FinLinger { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a NOP is sent; null for never. Agents older than 3.1.1511.0 need one every 10 s.</summary>
    public TimeSpan? KeepAliveInterval { get; init; }

    /// <summary>With keepalive, the silence after which the session fails.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>smux clients take 3, 5, 7, …</summary>
    internal uint FirstStreamId { get; init; } = 3;
}

/// <summary>What happens when <see cref="SmuxOptions.ReceiveBudgetBytes"/> is used up.</summary>
public enum ReceivePolicy
{
    /// <summary>The stream that holds the most is reset; the session never stops reading.</summary>
    ResetSlowestReader,

    /// <summary>The session stops reading, for all of its streams, until readers made room.</summary>
    PauseReading,
}
