using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Faults;

namespace RdsTunnel.Discovery;

/// <inheritdoc cref="IDatabaseFinder"/>
public sealed partial class DatabaseFinder(IInventories inventories, TimeProvider time, ILogger<DatabaseFinder> logger) : IDatabaseFinder
{
    /// <summary>Somebody who goes back and forth in a list is not to wait; a database that was just made is to show soon.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    /// <summary>A service that a region may not have is not asked again for as long as this, unless somebody refreshes.</summary>
    private static readonly TimeSpan Missing = TimeSpan.FromMinutes(10);

    /// <summary>How long such services may take once the others have answered: on a network that
    /// lets only some of them through, the rest never answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long they wait for the first answers of the others, which are what most people look for.</summary>
    private static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(1);

    /// <summary>Pages that wait for a slow reader.</summary>
    private const int MaxWaitingPages = 16;

    private readonly ConcurrentDictionary<
        (AwsScope Scope, string Listing),
        (IReadOnlyList<Database> Databases, DateTimeOffset Until)
    > _answers = new();

    public async IAsyncEnumerable<DatabaseBatch> FindAsync(
        IReadOnlyList<AwsScope> scopes,
        bool refresh,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
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

    private async Task SearchAsync(
        IReadOnlyList<AwsScope> scopes,
        bool refresh,
        ChannelWriter<DatabaseBatch> found,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await Task.WhenAll(scopes.Distinct().Select(scope => SearchAsync(scope, refresh, found, cancellationToken)))
                .ConfigureAwait(false);
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

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ordinary = inventory
            .DatabaseListings.Where(each => each.IsEverywhere)
            .Select(each => (Listing: each, First: new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)))
            .ToList();
        var searching = Task.WhenAll(
            ordinary.ConvertAll(each =>
                ListAsync(inventory, scope, each.Listing, refresh, found, each.First, cancellationToken, cancellationToken)
            )
        );
        var others = ListOthersAsync(Task.WhenAll(ordinary.ConvertAll(each => each.First.Task)));
        IReadOnlyList<ListingName> notReached = [];
        try
        {
            await searching.ConfigureAwait(false);
            await Task.WhenAny(others, Task.Delay(Patience, time, enough.Token)).ConfigureAwait(false);
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
            notReached = await others.ConfigureAwait(false);
        }

        // Where nothing was reached, it is the network that is missing.
        if (Array.Exists(await searching.ConfigureAwait(false), isReached => isReached))
        {
            foreach (var listing in notReached)
            {
                _answers[(scope, listing.Action)] = ([], time.GetUtcNow() + Missing);
                LogNotReached(listing.Action, inventory.Region);
            }
        }

        async Task<IReadOnlyList<ListingName>> ListOthersAsync(Task firstPages)
        {
            await Task.WhenAny(firstPages, Task.Delay(HeadStart, time, enough.Token)).ConfigureAwait(false);
            var listings = inventory.DatabaseListings.Where(each => !each.IsEverywhere).ToList();
            var areReached = await Task.WhenAll(
                    listings.ConvertAll(each =>
                        ListAsync(inventory, scope, each, refresh, found, first: null, enough.Token, cancellationToken)
                    )
                )
                .ConfigureAwait(false);
            return [.. listings.Where((_, i) => !areReached[i])];
        }
    }

    /// <param name="first">Told when the first page has come, or none will.</param>
    /// <param name="enough">Ends the wait for a listing that has told nothing so far.</param>
    /// <returns>False when AWS did not answer.</returns>
    private async Task<bool> ListAsync(
        IInventory inventory,
        AwsScope scope,
        ListingName listing,
        bool refresh,
        ChannelWriter<DatabaseBatch> found,
        TaskCompletionSource? first,
        CancellationToken enough,
        CancellationToken cancellationToken
    )
    {
        var key = (scope, listing.Action);
        if (!refresh && _answers.TryGetValue(key, out var answer) && answer.Until > time.GetUtcNow())
        {
            first?.TrySetResult();
            await found.WriteAsync(new DatabaseBatch(answer.Databases), cancellationToken).ConfigureAwait(false);
            return true;
        }

        var all = new List<Database>();
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var nothingYet = enough.Register(waiting.Cancel);
        try
        {
            await foreach (var page in inventory.ListDatabasesAsync(listing.Action, waiting.Token).ConfigureAwait(false))
            {
                nothingYet.Unregister();
                all.AddRange(page);
                await found.WriteAsync(new DatabaseBatch(page), cancellationToken).ConfigureAwait(false);
                first?.TrySetResult();
            }

            _answers[key] = (all, time.GetUtcNow() + Kept);
            return true;
        }
        catch (Exception e)
            when (!listing.IsEverywhere
                && all.Count == 0
                && !cancellationToken.IsCancellationRequested
                && e is OperationCanceledException or AwsException { Code: AwsErrorCode.Unreachable }
            )
        {
            return false;
        }
        catch (AwsException e)
        {
            await found
                .WriteAsync(Failure(e.Action ?? listing.Action, e, scope, inventory.Region), cancellationToken)
                .ConfigureAwait(false);
            return e.Code != AwsErrorCode.Unreachable;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // It is no reason to leave out what others have found.
            LogFailed(e, listing.Action, inventory.Region);
            var failure = new AwsException(
                AwsErrorCode.ServiceFault,
                $"{listing.Action}: the response can't be read: {SafeText.Describe(e)}. The log has the details.",
                e
            );
            await found.WriteAsync(Failure(listing.Action, failure, scope, inventory.Region), cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            first?.TrySetResult();
        }
    }

    [LoggerMessage(
        EventId = 6001,
        Level = LogLevel.Information,
        Message = "Skipping a service that is unreachable or unavailable in the region: {Action} in {Region}"
    )]
    private partial void LogNotReached(string action, string region);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Error, Message = "{Action} in {Region} failed unexpectedly")]
    private partial void LogFailed(Exception exception, string action, string region);

    private static DatabaseBatch Failure(string action, AwsException e, AwsScope scope, string? region) =>
        new([], new DiscoveryFailure(action, e.Code, e.Message, scope.Profile, region));
}
