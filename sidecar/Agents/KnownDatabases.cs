using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Agents;

/// <summary>Tells databases from any other address that a jump host reaches: only AWS's own list says which are.</summary>
public sealed class KnownDatabases(IDatabaseFinder finder)
{
    /// <returns>Null when AWS lists none at this address, or not to this identity.</returns>
    public async Task<Database?> FindAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        var host = HostName.Normalize(request.Host!);
        await foreach (var batch in finder.FindAsync([request.Scope], refresh: false, cancellationToken).ConfigureAwait(false))
        {
            if (batch.Databases.FirstOrDefault(each => each.Port == request.Port && HostName.Normalize(each.Host) == host) is { } known)
            {
                return known;
            }
        }

        return null;
    }

    /// <summary>An address of the same cluster that only reads; null when there is none, or this one does.</summary>
    public async Task<Database?> FindReaderAsync(Database database, TunnelRequest request, CancellationToken cancellationToken)
    {
        if (database.Role != DatabaseRole.Writer)
        {
            return null;
        }

        await foreach (var batch in finder.FindAsync([request.Scope], refresh: false, cancellationToken).ConfigureAwait(false))
        {
            if (
                batch.Databases.FirstOrDefault(each =>
                    each.Role == DatabaseRole.Reader && each.Service == database.Service && each.Name == database.Name
                ) is
                { } reader
            )
            {
                return reader;
            }
        }

        return null;
    }
}
