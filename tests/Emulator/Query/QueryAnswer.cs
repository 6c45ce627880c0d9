using System.Globalization;
using System.Xml.Linq;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Query;

/// <summary>What the services' answers have in common.</summary>
internal static class QueryAnswer
{
    public const string Account = "111122223333";

    private const int MinPageSize = 20;
    private const int MaxPageSize = 100;

    /// <summary>A page of 20 to 100 items, and where the next one begins.</summary>
    public static IEnumerable<XElement> Page(IReadOnlyDictionary<string, string> form, string list, IEnumerable<XElement> items) =>
        Page(form, list, items, ("MaxRecords", MinPageSize, MaxPageSize), "Marker");

    /// <param name="marker">What the service calls the place where the next page begins.</param>
    public static IEnumerable<XElement> Page(
        IReadOnlyDictionary<string, string> form,
        string list,
        IEnumerable<XElement> items,
        (string Parameter, int Min, int Max) size,
        string marker
    )
    {
        var count = form.TryGetValue(size.Parameter, out var text)
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : size.Max;
        if (count < size.Min || count > size.Max)
        {
            throw new ServiceException(
                "InvalidParameterValue",
                $"Invalid value {count} for {size.Parameter}. Must be between {size.Min} and {size.Max}"
            );
        }

        var start = form.TryGetValue(marker, out var at) ? int.Parse(at, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        var page = items.Skip(start).Take(count + 1).ToList();
        yield return new XElement(list, page.Take(count));
        if (page.Count > count)
        {
            yield return new XElement(marker, start + count);
        }
    }

    public static XElement Tags(string list, IReadOnlyDictionary<string, string> tags) =>
        new(list, tags.Select(tag => new XElement("Tag", new XElement("Key", tag.Key), new XElement("Value", tag.Value))));

    public static XElement? Optional(string name, string? value) => value is null ? null : new XElement(name, value);

    public static XElement? Endpoint(string name, string? host, int port) =>
        host is null ? null : new XElement(name, new XElement("Address", host), new XElement("Port", port));
}
