using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using RdsTunnel.Aws.Clients;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>A listing in the query protocol.</summary>
/// <param name="Path">Where in the answer its items are: a list, and the name of an item.</param>
/// <param name="Read">The addresses of an item in a region.</param>
internal sealed record QueryListing(
    ServiceDescription Service,
    string Action,
    (string List, string Item) Path,
    Func<XElement, string, IEnumerable<Database>> Read
) : DatabaseListing(Service, Action)
{
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>As much as most calls give at most, under the name that most of them have for it.</summary>
    public (string Parameter, int Size) Page { get; init; } = ("MaxRecords", 100);

    /// <summary>What a request and its answer call the place where the next page begins.</summary>
    public string Marker { get; init; } = "Marker";

    public override async IAsyncEnumerable<IEnumerable<Database>> ReadAsync(
        ServiceCalls calls,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var items in ItemsAsync(calls, cancellationToken).ConfigureAwait(false))
        {
            yield return items.SelectMany(item => Read(item, calls.Region));
        }
    }

    public async IAsyncEnumerable<IEnumerable<XElement>> ItemsAsync(
        ServiceCalls calls,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        KeyValuePair<string, string>[] parameters = [new(Page.Parameter, Page.Size.ToString(CultureInfo.InvariantCulture)), .. Parameters];
        await foreach (var page in calls.QueryPagesAsync(Service, Action, Marker, parameters, cancellationToken).ConfigureAwait(false))
        {
            yield return page.Elements(Path.List).Elements(Path.Item);
        }
    }
}
