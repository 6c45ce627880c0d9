using RdsTunnel.Agents;
using RdsTunnel.Diagnosis;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <inheritdoc/>
internal sealed class DatabaseReach(ITunnelList tunnels, TimeProvider time) : IDatabaseReach
{
    /// <summary>A client of an agent gives a tool a minute, as a rule.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyDictionary<string, string>> WaitAsync(
        TunnelInfo tunnel,
        string? database,
        CancellationToken cancellationToken
    )
    {
        var (request, kind) = (tunnel.Request, DatabaseKinds.Of(tunnel.Request.Host, tunnel.Request.Port));
        var offersTls = await new DatabaseAnswer(tunnels, kind.UsualPort(), time)
            .WaitAsync(tunnel, database, Patience, cancellationToken)
            .ConfigureAwait(false);
        var reached = new ReachedDatabase(
            kind,
            tunnel.LocalPort,
            request.User,
            database,
            request.Login is not null,
            offersTls,
            AuthorityFile.Locate()
        );
        return DatabaseVariables
            .Of(reached)
            .Where(each => each.Value is not null)
            .ToDictionary(each => each.Key, each => each.Value!, StringComparer.Ordinal);
    }
}
