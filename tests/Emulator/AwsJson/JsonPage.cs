using System.Globalization;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.AwsJson;

/// <summary>Pages of answers in JSON.</summary>
internal static class JsonPage
{
    public const string Account = "111122223333";

    private const int MaxPageSize = 100;

    /// <param name="size">What the caller asked for; null leaves it to the service.</param>
    /// <param name="marker">Where the caller's page begins; null for the first.</param>
    /// <param name="markerName">What the service calls the place where the next page begins.</param>
    /// <exception cref="ServiceException">The size or the place is none.</exception>
    public static JsonObject Of(IEnumerable<JsonObject> items, string list, int? size, string? marker, string markerName)
    {
        if (size is < 1 or > MaxPageSize)
        {
            throw new ServiceException("ValidationException", $"Invalid page size {size}. Must be between 1 and {MaxPageSize}");
        }

        var start = 0;
        if (marker is not null && !int.TryParse(marker, NumberStyles.None, CultureInfo.InvariantCulture, out start))
        {
            throw new ServiceException("ValidationException", $"Invalid {markerName}");
        }

        var count = size ?? MaxPageSize;
        var page = items.Skip(start).Take(count + 1).ToList();
        var answer = new JsonObject { [list] = new JsonArray([.. page.Take(count)]) };
        if (page.Count > count)
        {
            answer[markerName] = (start + count).ToString(CultureInfo.InvariantCulture);
        }

        return answer;
    }

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);
}
