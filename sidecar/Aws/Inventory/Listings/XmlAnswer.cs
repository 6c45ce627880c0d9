using System.Globalization;
using System.Xml.Linq;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Reads values out of an answer in the query protocol. What is not there, or is not what it should be, is null.</summary>
internal static class XmlAnswer
{
    /// <summary>The text at a path; null when there is none.</summary>
    public static string? Text(XElement item, params ReadOnlySpan<string> path)
    {
        XElement? at = item;
        foreach (var name in path)
        {
            at = at?.Element(name);
        }

        return at is { Value: { Length: > 0 } text } ? text : null;
    }

    /// <summary>A TCP port.</summary>
    public static int? Port(XElement item, params ReadOnlySpan<string> path) =>
        int.TryParse(Text(item, path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is > 0 and <= ushort.MaxValue
            ? number
            : null;

    public static bool? Flag(XElement item, string name) =>
        Text(item, name) switch
        {
            "true" => true,
            "false" => false,
            _ => null,
        };

    /// <summary>The texts of one field of all items of a list.</summary>
    public static string[] Each(XElement item, (string List, string Item) path, string name) =>
        [.. item.Elements(path.List).Elements(path.Item).Select(each => Text(each, name)).OfType<string>()];

    /// <summary>The texts of a list.</summary>
    public static string[] Members(XElement item, string list) =>
        [.. item.Elements(list).Elements("member").Select(member => member.Value)];

    public static Tag[] Tags(XElement item, string list) =>
        [.. item.Elements(list).Elements("Tag").Select(tag => new Tag(Text(tag, "Key") ?? "", Text(tag, "Value") ?? ""))];

    /// <summary><c>arn:aws:rds:eu-west-1:111122223333:db:orders</c></summary>
    public static string? AccountOf(string arn) => arn.Split(':') is [_, _, _, _, { Length: > 0 } account, ..] ? account : null;
}
