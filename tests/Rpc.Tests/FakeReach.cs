using RdsTunnel.Programs;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

/// <summary>A database that offers TLS, when it is asked.</summary>
internal sealed class FakeReach : IDatabaseReach
{
    public int Asked { get; private set; }

    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public ProgramMethods Methods(ITunnelList tunnels) => new(tunnels, this);

    public async Task<ReachedDatabase> WaitAsync(
        TunnelInfo tunnel,
        WantedDatabase wanted,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        Asked++;
        await Before(cancellationToken);
        return Describe(tunnel, wanted, offersTls: true);
    }

    public ReachedDatabase Describe(TunnelInfo tunnel, WantedDatabase wanted, bool offersTls) =>
        new(
            wanted.Kind ?? DatabaseKinds.Of(tunnel.Request.Host, tunnel.Request.Port),
            tunnel.LocalPort,
            wanted.User ?? tunnel.Request.User,
            wanted.Database,
            tunnel.Request.Login is not null,
            tunnel.Request.Login is null && offersTls,
            "/ca.pem"
        );
}
