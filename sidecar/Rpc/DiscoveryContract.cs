using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery;
using RdsTunnel.Tunnels;

// What there is in an account, and its passwords.
namespace RdsTunnel.Rpc;

/// <param name="Scopes">1 to 64.</param>
/// <param name="Refresh">Ask AWS even for what was answered a moment ago.</param>
/// <param name="ProgressToken">Chosen by the client, for <c>$/progress</c>; without it there is none.</param>
public sealed record ListDatabasesParams(IReadOnlyList<Scope> Scopes, bool Refresh = false, string? ProgressToken = null)
    : IProgressParams<ListDatabasesParams>
{
    public ListDatabasesParams WithProgress(string token) => this with { ProgressToken = token };
}

/// <param name="Profile">As in OpenTunnelParams.</param>
/// <param name="Region">Likewise.</param>
/// <param name="EndpointUrl">Likewise, for every service (http or https URL).</param>
public sealed record Scope(string? Profile = null, string? Region = null, string? EndpointUrl = null);

/// <param name="Databases">At most 100.</param>
/// <param name="Failure">What could not be listed.</param>
public sealed record DatabasesFound(IReadOnlyList<Database> Databases, DiscoveryFailure? Failure = null);

/// <param name="Databases">How many were found (databases).</param>
/// <param name="Failures">How many scopes could not be listed (failures).</param>
public sealed record ListDatabasesResult(int Databases, int Failures);

/// <param name="Database">Where the tunnel is to end.</param>
/// <param name="Scope">Who asks, and where.</param>
/// <param name="JumpHostTag">Jump hosts with a tag of this key are preferred.</param>
/// <param name="Refresh">As in ListDatabasesParams.</param>
public sealed record ListJumpHostsParams(
    DatabaseAddress Database,
    Scope Scope,
    string JumpHostTag = TunnelRules.DefaultJumpHostTag,
    bool Refresh = false
);

/// <param name="Scope">Whose choice it is, and where.</param>
/// <param name="Host">The database's host.</param>
/// <param name="Port">The database's port (TCP port).</param>
/// <param name="Target">As in OpenTunnelParams; left out to take an earlier choice back.</param>
public sealed record ChooseJumpHostParams(Scope Scope, string Host, int Port, string? Target = null);

/// <param name="Scope">Who signs.</param>
/// <param name="Host">The database's real host, or an alias of it in DNS. Other hosts are refused: <c>InvalidRequest</c>.</param>
/// <param name="Port">The database's real port (TCP port).</param>
/// <param name="User">The database user's name.</param>
public sealed record CreateIamTokenParams(Scope Scope, string Host, int Port, string User);

/// <param name="Scope">Who asks, and where.</param>
public sealed record ListSecretsParams(Scope Scope);

/// <param name="Secrets">In the order of Secrets Manager.</param>
public sealed record ListSecretsResult(IReadOnlyList<SecretName> Secrets);

/// <param name="Scope">Who asks, and where.</param>
/// <param name="SecretId">A name or an ARN.</param>
public sealed record ReadSecretParams(Scope Scope, string SecretId);
