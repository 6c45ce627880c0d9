using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Listings;

/// <summary>A service of which one call is known, by which something is listed.</summary>
/// <param name="list">What the answer calls the list; <paramref name="size"/> and
/// <paramref name="marker"/> are what it calls a page's length and its beginning.</param>
internal abstract class JsonListingService<T>(
    Func<string, EmulatedRegion> regions,
    string operation,
    string list,
    string size,
    string marker
) : IAwsJsonService
{
    public abstract string TargetPrefix { get; }

    public abstract string SigningName { get; }

    public JsonObject Call(string called, JsonObject input, EmulatedCredential caller, string region, Uri address) =>
        called == operation
            ? JsonPage.Of(
                In(regions(region)).Select(item => Describe(item, region)),
                list,
                (int?)input[size],
                (string?)input[marker],
                marker
            )
            : throw new ServiceException("UnknownOperationException", "");

    protected abstract IEnumerable<T> In(EmulatedRegion region);

    protected abstract JsonObject Describe(T item, string region);
}
