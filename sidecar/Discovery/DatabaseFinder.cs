using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery;

/// <inheritdoc cref="IDatabaseFinder"/>
public sealed class DatabaseFinder(IInventories inventories, TimeProvider time) : IDatabaseFinder
{
    /// <summary>Somebody who goes back and forth in a list is not to wait; a database that was just made is to show soon.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    /// <summary>Pages that wait for a slow reader.</summary>
    private const int MaxWaitingPages = 16;

    private readonly ConcurrentDictionary<(AwsScope Scope, string Listing), (IReadOnlyList<Database> Databases, DateTimeOffset Until)> _answers = new();

    public async IAsyncEnumerable<DatabaseBatch> FindAsync(
        IReadOnlyList<AwsScope> scopes, bool refresh, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var found = Channel.CreateBounded<DatabaseBatch>(MaxWaitingPages);
        var searching = SearchAsync(scopes, refresh, found.Writer, stop.Token);
        try
        {
            await foreach (var batch in found.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await searching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SearchAsync(IReadOnlyList<AwsScope> scopes, bool refresh, ChannelWriter<DatabaseBatch> found, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(scopes.Distinct().Select(scope => SearchAsync(scope, refresh, found, cancellationToken))).ConfigureAwait(false);
            found.Complete();
        }
        catch (Exception e)
        {
            found.Complete(e);
            throw;
        }
    }

    private async Task SearchAsync(AwsScope scope, bool refresh, ChannelWriter<DatabaseBatch> found, CancellationToken cancellationToken)
    {
        IInventory inventory;
        try
        {
            inventory = inventories.InventoryOf(scope);
        }
        catch (AwsException e)
        {
            await found.WriteAsync(Failure("sts:GetCallerIdentity", e, scope, scope.Region), cancellationToken).ConfigureAwait(false);
            return;
        }

        await Task.WhenAll(inventory.DatabaseListings.Select(listing => ListAsync(inventory, scope, listing, refresh, found, cancellationToken)))
            .ConfigureAwait(false);
    }

    private async Task ListAsync(
        IInventory inventory, AwsScope scope, string listing, bool refresh, ChannelWriter<DatabaseBatch> found, CancellationToken cancellationToken)
    {
        if (!refresh && _answers.TryGetValue((scope, listing), out var answer) && answer.Until > time.GetUtcNow())
        {
            await found.WriteAsync(new DatabaseBatch(answer.Databases), cancellationToken).ConfigureAwait(false);
            return;
        }

        var all = new List<Database>();
        try
        {
            await foreach (var page in inventory.ListDatabasesAsync(listing, cancellationToken).ConfigureAwait(false))
            {
                all.AddRange(page);
                await found.WriteAsync(new DatabaseBatch(page), cancellationToken).ConfigureAwait(false);
            }

            _answers[(scope, listing)] = (all, time.GetUtcNow() + Kept);
        }
        catch (AwsException e)
        {
            await found.WriteAsync(Failure(listing, e, scope, inventory.Region), cancellationToken).ConfigureAwait(false);
        }
    }

    private static DatabaseBatch Failure(string action, AwsException e, AwsScope scope, string? region) =>
        new([], new DiscoveryFailure(action, e.Code, e.Message, scope.Profile, region));
}
