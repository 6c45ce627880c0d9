using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Discovery.Tests;

/// <summary>What every region has is asked first: the first answers are the ones that most people look for.</summary>
public sealed class ListingOrderTests
{
    private const int RdsPages = 20;

    private readonly FakeTimeProvider _time = new();
    private readonly Scripted _inventory = new();
    private readonly List<DiscoveryFailure> _failures = [];
    private readonly DatabaseFinder _finder;

    public ListingOrderTests() => _finder = new DatabaseFinder(_inventory, _time, NullLogger<DatabaseFinder>.Instance);

    [Fact]
    public async Task Find_ServicesThatARegionMayLack_AreAskedAfterTheFirstPages()
    {
        var finding = FindAsync();
        await _inventory.BegunAsync("rds");
        await _inventory.BegunAsync("redshift");
        // Page by page, so that whatever the first one sets going has begun long before the last.
        for (var page = 0; page < RdsPages; page++)
        {
            _inventory.Answer("rds");
            await _inventory.TakenAsync("rds");
        }

        Assert.False(_inventory.HasBegun("rare"));
        _inventory.Answer("redshift");
        await _inventory.BegunAsync("rare"); // while both have pages left
        _inventory.End("rds");
        _inventory.End("redshift");
        _inventory.Answer("rare");
        _inventory.End("rare");

        Assert.Equal(RdsPages + 2, await finding);
    }

    [Fact]
    public async Task Find_OneOfThemIsSlow_TheyAreAskedAfterASecond()
    {
        var finding = FindAsync();
        await _inventory.BegunAsync("rds");
        _inventory.End("redshift");
        _time.Advance(TimeSpan.FromSeconds(1));
        await _inventory.BegunAsync("rare");
        _inventory.Answer("rare");
        _inventory.End("rare");
        _inventory.End("rds");

        Assert.Equal(1, await finding);
    }

    [Fact]
    public async Task Find_WhatEveryRegionHasIsDenied_TheOthersAreAskedAllTheSame()
    {
        var finding = FindAsync();
        _inventory.Fail("rds");
        _inventory.Fail("redshift");
        await _inventory.BegunAsync("rare");
        _inventory.Answer("rare");
        _inventory.End("rare");

        Assert.Equal(1, await finding);
    }

    [Fact]
    public async Task Find_OneOfThemFailsUnexpectedly_TheOthersAreToldAllTheSame()
    {
        var finding = FindAsync();
        _inventory.Fail("rds", new InvalidOperationException("bug"));
        _inventory.Answer("redshift");
        _inventory.End("redshift");
        await _inventory.BegunAsync("rare");
        _inventory.Fail("rare", new FormatException("bug"));

        Assert.Equal(1, await finding);
        Assert.Equal(["rare", "rds"], _failures.Select(failure => failure.Action).Order());
        Assert.All(_failures, failure => Assert.DoesNotContain("bug", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Find_NothingIsReached_AsksTheOthersAgainTheNextTime()
    {
        var finding = FindAsync();
        _inventory.Fail("rds", Unreachable());
        _inventory.Fail("redshift", Unreachable());
        _inventory.Fail("rare", Unreachable());
        Assert.Equal(0, await finding);

        _inventory.BeginAnew();
        Assert.Equal(1, await WithOneInEachAsync(FindAsync()));
    }

    [Fact]
    public async Task Find_OnlyTheOthersAreNotReached_DoesNotAskThemAgainForAWhile()
    {
        var finding = FindAsync();
        _inventory.End("rds");
        _inventory.End("redshift");
        _inventory.Fail("rare", Unreachable());
        Assert.Equal(0, await finding);

        _inventory.BeginAnew();
        Assert.Equal(0, await WithOneInEachAsync(FindAsync()));
        _time.Advance(TimeSpan.FromMinutes(10));
        _inventory.BeginAnew();
        Assert.Equal(1, await WithOneInEachAsync(FindAsync()));
    }

    private static AwsException Unreachable() => new(AwsErrorCode.Unreachable, "No answer.");

    private async Task<int> WithOneInEachAsync(Task<int> finding)
    {
        foreach (var listing in _inventory.DatabaseListings)
        {
            if (!listing.IsEverywhere)
            {
                _inventory.Answer(listing.Action);
            }

            _inventory.End(listing.Action);
        }

        return await finding;
    }

    private async Task<int> FindAsync()
    {
        var found = 0;
        await foreach (var batch in _finder.FindAsync([new AwsScope()], refresh: false, CancellationToken.None))
        {
            found += batch.Databases.Count;
            _failures.AddRange(batch.Failure is { } failure ? [failure] : []);
        }

        return found;
    }

    /// <summary>Three listings, whose pages and ends a test gives.</summary>
    private sealed class Scripted : IInventories, IInventory
    {
        private static readonly Database AnyDatabase = new(
            "id",
            "name",
            DatabaseService.Rds,
            DatabaseRole.Instance,
            "postgres",
            "host",
            5432,
            "eu-west-1",
            [],
            [],
            []
        );

        private readonly ConcurrentDictionary<string, TaskCompletionSource> _begun = new();
        private readonly ConcurrentDictionary<string, Channel<int>> _pages = new();
        private readonly ConcurrentDictionary<string, Channel<int>> _taken = new();

        public string Region => "eu-west-1";

        public TimeSpan ClockOffset => TimeSpan.Zero;

        public IReadOnlyList<ListingName> DatabaseListings { get; } = [new("rds", true), new("rare", false), new("redshift", true)];

        public IInventory InventoryOf(AwsScope scope) => this;

        public bool HasBegun(string listing) => Begun(listing).Task.IsCompleted;

        public Task BegunAsync(string listing) => Begun(listing).Task;

        public void Answer(string listing) => Assert.True(Pages(listing).Writer.TryWrite(1));

        /// <summary>Ends when a page has been taken, and the next one is asked for.</summary>
        public async Task TakenAsync(string listing) => await Taken(listing).Reader.ReadAsync();

        public void End(string listing) => Pages(listing).Writer.Complete();

        public void Fail(string listing, Exception? failure = null) =>
            Pages(listing).Writer.Complete(failure ?? new AwsException(AwsErrorCode.AccessDenied, "Denied."));

        /// <summary>For the next search.</summary>
        public void BeginAnew()
        {
            _begun.Clear();
            _pages.Clear();
            _taken.Clear();
        }

        public async IAsyncEnumerable<IReadOnlyList<Database>> ListDatabasesAsync(
            string listing,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            Begun(listing).TrySetResult();
            await foreach (var _ in Pages(listing).Reader.ReadAllAsync(cancellationToken))
            {
                yield return [AnyDatabase];
                Taken(listing).Writer.TryWrite(1);
            }
        }

        public Task<CallerIdentity> GetIdentityAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string?> FindWriterAsync(string host, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<ManagedNode>> ListManagedNodesAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<ManagedNode>> ListTasksAsync(bool refresh, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<string> FindTaskAsync(EcsServiceTarget service, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<NetworkInterface>> ListInterfacesAsync(
            IReadOnlyList<string> interfaceIds,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<IReadOnlyList<Ec2Instance>> ListInstancesAsync(
            IReadOnlyList<string> instanceIds,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<IReadOnlyList<Ec2Instance>> ListStoppedInstancesAsync(string vpcId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<SecurityGroup>> ListSecurityGroupsAsync(
            IReadOnlyList<string> groupIds,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<IReadOnlyList<VpcPeering>> ListPeeringsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Vpc>> ListVpcsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> ListPrefixListAsync(string prefixListId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<SecretName>> ListSecretsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<DatabaseSecret> ReadSecretAsync(string secretId, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IamToken> CreateIamTokenAsync(
            DatabaseService service,
            string host,
            int port,
            string user,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        private TaskCompletionSource Begun(string listing) =>
            _begun.GetOrAdd(listing, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        private Channel<int> Pages(string listing) => _pages.GetOrAdd(listing, _ => Channel.CreateUnbounded<int>());

        private Channel<int> Taken(string listing) => _taken.GetOrAdd(listing, _ => Channel.CreateUnbounded<int>());
    }
}
