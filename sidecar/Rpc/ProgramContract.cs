using RdsTunnel.Programs;

// How other programs of this machine find a tunnel's database.
namespace RdsTunnel.Rpc;

/// <param name="Id">The tunnel's.</param>
/// <param name="Kind">What the host's name and the port say when left out.</param>
/// <param name="User">The database user of the programs; the login's when left out.</param>
/// <param name="Database">The database's own name; no variable has one when left out.</param>
/// <param name="OffersTls">Whether the database offers TLS, as an earlier answer has told.</param>
/// <param name="Wait">Wait until the database answers, 60 s at most.</param>
public sealed record TunnelVariablesParams(
    string Id,
    DatabaseKind? Kind = null,
    string? User = null,
    string? Database = null,
    bool? OffersTls = null,
    bool Wait = false
);

/// <param name="Variables">None for a kind of database whose programs have none in common.</param>
/// <param name="OffersTls">Whether the database offers TLS; left out when nobody has asked it, or the tunnel's login speaks TLS.</param>
public sealed record TunnelVariables(IReadOnlyList<EnvironmentVariable> Variables, bool? OffersTls = null);

/// <param name="Value">Left out for a variable that would lead elsewhere, and must be removed.</param>
public sealed record EnvironmentVariable(string Name, string? Value = null);
