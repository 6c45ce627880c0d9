using System.Runtime.CompilerServices;
using System.Text.Json;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>A listing that answers with JSON.</summary>
/// <param name="List">What the answer calls its list of items.</param>
/// <param name="Marker">What a request and its answer call the place where the next page begins.</param>
/// <param name="Read">The addresses of an item in a region.</param>
internal sealed record DocumentListing(
    ServiceDescription Service,
    DocumentCall Call,
    string List,
    string Marker,
    Func<JsonElement, string, IEnumerable<Database>> Read
) : DatabaseListing(Service, Call.Operation)
{
    public override async IAsyncEnumerable<IEnumerable<Database>> ReadAsync(
        ServiceCalls calls,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var page in calls.DocumentPagesAsync(Service, Call, Marker, cancellationToken).ConfigureAwait(false))
        {
            yield return Items(page, List).SelectMany(item => Read(item, calls.Region));
        }
    }
}
