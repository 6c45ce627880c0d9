using System.Text.Json;
using System.Text.Json.Serialization;
using RdsTunnel.Aws.Inventory;

namespace RdsTunnel.Aws.Endpoints;

/// <summary>The table of the names that AWS gives: <c>endpoint-names.json</c>, which the extension reads, too.</summary>
/// <param name="Partitions">The first whose prefix a region has is the region's.</param>
/// <param name="Services">The first that fits is a name's.</param>
internal sealed record EndpointNames(
    IReadOnlyList<PartitionNames> Partitions,
    IReadOnlyList<ServiceNames> Services,
    RegionsInShort RegionsInShort
)
{
    private static readonly Lazy<EndpointNames> Read = new(() =>
    {
        using var file = typeof(EndpointNames).Assembly.GetManifestResourceStream("endpoint-names.json")!;
        return JsonSerializer.Deserialize(file, EndpointNamesJson.Default.EndpointNames)!;
    });

    public static EndpointNames Table => Read.Value;
}

internal sealed record PartitionNames(string Name, string RegionPrefix, IReadOnlyList<string> Suffixes);

/// <param name="Label">Beside the region's; one that ends with <c>*</c> stands for all that begin so.</param>
/// <param name="Before">How the label in front of the two begins.</param>
/// <param name="First">How the first label of all begins.</param>
/// <param name="Engine">What it speaks, if all that have such a name speak the same.</param>
internal sealed record ServiceNames(
    string Label,
    DatabaseService Service,
    string? Before = null,
    string? First = null,
    string? Engine = null
)
{
    /// <param name="owner">The labels before those of service and region.</param>
    public bool IsOf(IReadOnlyList<string> owner, string label) =>
        (Label.EndsWith('*') ? label.StartsWith(Label[..^1], StringComparison.Ordinal) : label == Label)
        && (Before is null || owner[^1].StartsWith(Before, StringComparison.Ordinal))
        && (First is null || owner[0].StartsWith(First, StringComparison.Ordinal));
}

/// <summary>ElastiCache's way of naming a region: <c>euw1</c>.</summary>
internal sealed record RegionsInShort(IReadOnlyDictionary<string, string> Exceptions, IReadOnlyDictionary<string, string> Directions);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(EndpointNames))]
internal sealed partial class EndpointNamesJson : JsonSerializerContext;
