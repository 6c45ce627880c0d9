using Microsoft.Extensions.Logging;

// The contract with the client, field for field. docs/rpc.md and the editor's contract.ts are generated from it: npm run contract.
// On the wire: camelCase, enumerations by name, a parameter without a default is required, a field that is null is left out.
namespace RdsTunnel.Rpc;

/// <param name="ClientInfo">Who speaks.</param>
/// <param name="ProtocolVersion">This document's.</param>
/// <param name="LogLevel">The least severe level to log.</param>
/// <param name="ParentProcessId">The sidecar ends when this process is gone, even when standard input stays open.</param>
public sealed record InitializeParams(
    Implementation ClientInfo,
    int ProtocolVersion,
    LogLevel LogLevel = LogLevel.Information,
    int? ParentProcessId = null
);

/// <param name="ServerInfo">Who answers.</param>
/// <param name="ProtocolVersion">This document's.</param>
/// <param name="Capabilities">What this sidecar supports.</param>
public sealed record InitializeResult(Implementation ServerInfo, int ProtocolVersion, Capabilities Capabilities);

/// <param name="Name">For logs.</param>
/// <param name="Version">For logs.</param>
public sealed record Implementation(string Name, string Version);

/// <param name="MaxMessageBytes">The longest content that is read (bytes).</param>
/// <param name="MaxConcurrentRequests">How many may run at once (requests).</param>
public sealed record Capabilities(int MaxMessageBytes, int MaxConcurrentRequests);

/// <param name="Level">The least severe level to log.</param>
public sealed record SetLogLevelParams(LogLevel Level);

/// <param name="TunnelsOfOthers">How many of this sidecar's tunnels other windows use. When there are any,
/// the sidecar goes on for them once the connection is over, and ends with the last one (tunnels).</param>
public sealed record ShutdownResult(int TunnelsOfOthers);

/// <param name="Level">How severe.</param>
/// <param name="Category">The part of the sidecar that speaks.</param>
/// <param name="EventId">Stable for each kind of message of a category.</param>
/// <param name="Message">Shown to users; without a secret; at most 8,192 characters, then cut.</param>
/// <param name="Time">When it was logged.</param>
/// <param name="Exception">What failed, with its stack; at most 8,192 characters, then cut.</param>
/// <param name="Dropped">How many messages before this one were dropped because the client reads too slowly (messages).</param>
public sealed record LogParams(
    LogLevel Level,
    string Category,
    int EventId,
    string Message,
    DateTimeOffset Time,
    string? Exception = null,
    int? Dropped = null
);

public sealed record ProgressParams<T>(string Token, T Value);

/// <param name="Code">A number of the tables below.</param>
/// <param name="Message">Shown to users: what, whose fault, what next.</param>
/// <param name="Data">For programs.</param>
public sealed record RpcError(int Code, string Message, ErrorData Data);

/// <param name="Code">The name that belongs to the number.</param>
/// <param name="Field">With InvalidParams: the parameter that is wrong.</param>
public sealed record ErrorData(string Code, string? Field = null);
