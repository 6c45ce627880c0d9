using System.Xml.Linq;
using RdsTunnel.Aws.Clients;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>A call of a service of the query protocol by which databases are listed, and how its answer is read.</summary>
/// <param name="Path">Where in the answer its items are: a list, and the name of an item.</param>
/// <param name="Read">The addresses of an item in a region; one without a port is left out.</param>
internal sealed record DatabaseListing(
    ServiceDescription Service, string Action, (string List, string Item) Path, Func<XElement, string, IEnumerable<Database>> Read)
{
    /// <summary>All that can be listed. A service is one file beside this one.</summary>
    public static IReadOnlyList<DatabaseListing> All { get; } = [.. RdsDatabases.Listings, .. ElastiCacheDatabases.Listings, .. RedshiftDatabases.Listings];

    /// <summary>As IAM calls it.</summary>
    public string Name => $"{Service.SigningName}:{Action}";

    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>As much as most calls give at most, under the name that most of them have for it.</summary>
    public (string Parameter, int Size) Page { get; init; } = ("MaxRecords", 100);

    /// <summary>What a request and its answer call the place where the next page begins.</summary>
    public string Marker { get; init; } = "Marker";
}
