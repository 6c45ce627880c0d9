using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>What probes are told. Thread-safe.</summary>
internal sealed class ServeHealth(ITunnelList tunnels)
{
    private volatile bool _isStarted;
    private volatile bool _isDraining;

    /// <summary>Every tunnel listens.</summary>
    public void OnStarted() => _isStarted = true;

    /// <summary>No more connections are wanted.</summary>
    public void OnDraining() => _isDraining = true;

    public IEnumerable<KeyValuePair<string, ServeRoute>> Routes =>
        [
            new("/startup", ServeRoute.Get(_ => _isStarted ? Ok() : new ServeAnswer(503, "starting\n"))),
            new("/liveness", ServeRoute.Get(_ => Ok())),
            new("/readiness", ServeRoute.Get(request => Problems() is { Count: > 0 } problems ? NotReady(problems, request) : Ok())),
        ];

    /// <summary>Why connections are not to be sent here: a line each; none when they are.</summary>
    public IReadOnlyList<string> Problems() =>
        _isDraining ? ["draining"]
        : !_isStarted ? ["starting"]
        : [.. tunnels.List().Where(tunnel => !tunnel.Request.IsOwn).Select(ProblemOf).OfType<string>()];

    /// <summary>A tunnel is ready with an open session. One that may start a jump host opens it with its first connection only: until
    /// then it costs nothing, and is ready as long as nothing is known to be amiss.</summary>
    public static bool IsReady(TunnelInfo tunnel) =>
        tunnel.State == TunnelState.Open
        || (tunnel.Request.StartJumpHost && tunnel.State is TunnelState.Listening or TunnelState.Opening or TunnelState.StartingJumpHost);

    private static string? ProblemOf(TunnelInfo tunnel) =>
        IsReady(tunnel) ? null
        : tunnel.Fault is { } fault ? $"{tunnel.Name}: {tunnel.State}: {fault.Message} ({fault.Code})"
        : $"{tunnel.Name}: {tunnel.State}";

    private static ServeAnswer Ok() => new(200, "ok\n");

    // Whoever else reaches the port learns no names.
    private static ServeAnswer NotReady(IReadOnlyList<string> problems, ServeRequest request) =>
        new(503, request.IsOwn ? string.Concat(problems.Select(problem => $"{problem}\n")) : "not ready\n");
}
