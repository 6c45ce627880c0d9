using System.Text.Json.Serialization;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Diagnosis;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Agents.Tools;

internal sealed record DatabasesAnswer(
    IReadOnlyList<DatabaseRow> Databases,
    int NotShown,
    IReadOnlyList<string> Failures,
    IReadOnlyList<ProfileRow> Profiles
);

/// <param name="Access"><c>readOnly</c> where the address takes no writes.</param>
internal sealed record DatabaseRow(
    string Name,
    string Engine,
    string Host,
    int Port,
    DatabaseRole Role,
    string Access,
    DatabaseService Service,
    string Region,
    string? Profile,
    string? AccountId,
    string? Status,
    string? DatabaseName,
    bool? SupportsIamAuthentication
)
{
    // AWS's own words, or names that somebody gave: one line each, whatever they are.
    public static DatabaseRow Of(Database database) =>
        new(
            ForeignText.Line(database.Name),
            ForeignText.Line(database.Engine),
            ForeignText.Line(database.Host),
            database.Port,
            database.Role,
            AccessOf(database),
            database.Service,
            database.Region,
            database.Profile,
            database.AccountId,
            database.Status is { } status ? ForeignText.Line(status) : null,
            database.DatabaseName is { } name ? ForeignText.Line(name) : null,
            database.SupportsIamAuthentication
        );

    public static string AccessOf(Database? database) => database?.Role == DatabaseRole.Reader ? "readOnly" : "readWrite";
}

internal sealed record ProfileRow(string Name, string? Region, string? AccountId, bool NeedsSignIn);

internal sealed record CheckAnswer(bool Passed, IReadOnlyList<CheckStep> Steps);

internal sealed record TunnelsAnswer(IReadOnlyList<TunnelRow> Tunnels);

internal sealed record TunnelRow(
    string Id,
    string Host,
    int Port,
    int LocalPort,
    TunnelState State,
    string? Problem,
    string? LastReset,
    string? JumpHost,
    string Access,
    int ConnectionsNow,
    long BytesUp,
    long BytesDown,
    string? Reason,
    DateTimeOffset OpenedAt
)
{
    public static TunnelRow Of(AgentTunnel tunnel, TunnelInfo now) =>
        new(
            now.Id,
            now.Request.Host!,
            now.Request.Port,
            now.LocalPort,
            now.State,
            now.Fault is { } fault ? $"{fault.Message} ({fault.Code})" : null,
            now.LastReset is { } reset ? $"{reset.Message} ({reset.Code})" : null,
            now.JumpHost?.Target,
            DatabaseRow.AccessOf(tunnel.Database),
            now.Statistics.ConnectionsNow,
            now.Statistics.BytesUp,
            now.Statistics.BytesDown,
            tunnel.Action.Reason,
            tunnel.OpenedAt
        );
}

/// <param name="TlsServerName">The name that the database's certificate bears.</param>
/// <param name="PasswordNeeded">Whoever connects has to sign in to the database.</param>
internal sealed record DetailsAnswer(
    string Id,
    string Host,
    int Port,
    string? TlsServerName,
    bool PasswordNeeded,
    string? User,
    string Access,
    IReadOnlyDictionary<string, string> Environment,
    string Advice,
    bool? AlreadyOpen = null
)
{
    public static DetailsAnswer Of(AgentTunnel tunnel, TunnelInfo now, string? advice = null)
    {
        var login = now.Request.Login;
        return new(
            now.Id,
            "127.0.0.1",
            now.LocalPort,
            login is null ? now.Request.Host : null,
            login is null or LoginKind.Tls,
            now.Request.User,
            DatabaseRow.AccessOf(tunnel.Database),
            tunnel.Variables,
            (
                login is null or LoginKind.Tls
                    ? "The person's own programs know the password, or ask for it: never ask the person to tell you one."
                    : "Connections are signed in by RDS Tunnel: no password, no TLS."
            )
                + (advice is null ? "" : $" {advice}")
                + " Close the tunnel when it is no longer needed."
        );
    }
}

internal sealed record ClosedAnswer(string Closed);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(DatabasesAnswer))]
[JsonSerializable(typeof(CheckAnswer))]
[JsonSerializable(typeof(TunnelsAnswer))]
[JsonSerializable(typeof(DetailsAnswer))]
[JsonSerializable(typeof(ClosedAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
