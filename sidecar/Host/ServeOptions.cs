using System.Net;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Host;

/// <summary>What <c>rds-tunnel serve --config</c> was told.</summary>
/// <param name="Config">The file with the tunnels.</param>
/// <param name="Names">Of the tunnels that are meant; all when empty.</param>
/// <param name="Address">Where tunnels listen.</param>
/// <param name="AllowNetwork">Also on an address that isn't of a container's network.</param>
/// <param name="UnixSocket">The folder of socket files.</param>
/// <param name="Port">The first local port of tunnels that have none.</param>
/// <param name="Http">Where probes and metrics are answered; null for nowhere.</param>
/// <param name="Admin">Where the end can be asked for; null for nowhere.</param>
internal sealed record ServeOptions(
    string Config,
    IReadOnlyList<string> Names,
    IPAddress Address,
    bool AllowNetwork,
    string? UnixSocket,
    int? Port,
    LocalPasswordSource LocalPassword,
    IPEndPoint? Http,
    bool HealthCheck,
    bool Prometheus,
    IPEndPoint? Admin,
    TimeSpan MinSigtermDelay,
    TimeSpan MaxSigtermDelay,
    bool RunConnectionTest,
    bool StructuredLogs,
    LogLevel Level
);
