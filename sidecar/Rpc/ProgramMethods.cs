using RdsTunnel.Programs;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>tunnel/variables.</summary>
public sealed class ProgramMethods(ITunnelList tunnels, IDatabaseReach reach)
{
    /// <summary>As long as <c>rds-tunnel exec</c> waits unless it is told otherwise.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal void AddTo(IRpcMethods methods) => methods.AddAside(RpcMethods.TunnelVariables, GetVariablesAsync);

    private async Task<TunnelVariables> GetVariablesAsync(TunnelVariablesParams parameters, CancellationToken cancellationToken)
    {
        var wanted = new WantedDatabase(
            parameters.Kind,
            parameters.User is { } user ? TunnelRules.User.Checked(user) : null,
            parameters.Database is { } database ? TunnelRules.Database.Checked(database) : null
        );
        var tunnel = tunnels.Find(parameters.Id) ?? throw TunnelException.NoSuchTunnel(parameters.Id);
        var described = reach.Describe(tunnel, wanted, parameters.OffersTls ?? false);
        var isKnown = described.IsPlain || parameters.OffersTls is not null || !described.Kind.NamesTls();
        if (isKnown && !parameters.Wait)
        {
            return Answer(described, described.IsPlain ? null : parameters.OffersTls);
        }

        var reached = await reach.WaitAsync(tunnel, wanted, Patience, cancellationToken).ConfigureAwait(false);
        return Answer(reached, reached.IsPlain ? null : reached.OffersTls);
    }

    private static TunnelVariables Answer(ReachedDatabase database, bool? offersTls) =>
        new([.. DatabaseVariables.Of(database).Select(each => new EnvironmentVariable(each.Key, each.Value))], offersTls);
}
