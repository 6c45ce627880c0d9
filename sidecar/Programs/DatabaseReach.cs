using RdsTunnel.Diagnosis;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Programs;

/// <inheritdoc/>
public sealed class DatabaseReach(ITunnelList tunnels, AuthorityFile authority, TimeProvider time) : IDatabaseReach
{
    public async Task<ReachedDatabase> WaitAsync(
        TunnelInfo tunnel,
        WantedDatabase wanted,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        var usualPort = KindOf(tunnel, wanted).UsualPort();
        var offersTls = await new DatabaseAnswer(tunnels, usualPort, time)
            .WaitAsync(tunnel, wanted.Database, patience, cancellationToken)
            .ConfigureAwait(false);
        return Describe(tunnel, wanted, offersTls);
    }

    public ReachedDatabase Describe(TunnelInfo tunnel, WantedDatabase wanted, bool offersTls) =>
        new(
            KindOf(tunnel, wanted),
            tunnel.LocalPort,
            wanted.User ?? tunnel.Request.User,
            wanted.Database,
            tunnel.Request.Login is not null,
            tunnel.Request.Login is null && offersTls,
            authority.Locate()
        );

    private static DatabaseKind KindOf(TunnelInfo tunnel, WantedDatabase wanted) =>
        wanted.Kind ?? DatabaseKinds.Of(tunnel.Request.Host, tunnel.Request.Port);
}
