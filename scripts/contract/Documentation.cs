using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RdsTunnel.ContractTool;

/// <summary>Documentation comments as Markdown, without the last full stop: they become cells of tables.</summary>
internal static partial class Documentation
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> Files = new();

    public static string OfMember(Type type, string field) => Text(Find(type, $"F:{type.FullName}.{field}")?.Element("summary"));

    public static string OfParameter(Type record, string name) =>
        Text(Find(record, $"T:{record.FullName}")?.Elements("param").FirstOrDefault(param => (string?)param.Attribute("name") == name));

    public static string Remarks(Type type) => Text(Find(type, $"T:{type.FullName}")?.Element("remarks"));

    private static XElement? Find(Type type, string id) => Files.GetOrAdd(type.Assembly, Load).GetValueOrDefault(id);

    // The framework's own assemblies have none.
    private static Dictionary<string, XElement> Load(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        return File.Exists(file) ? XDocument.Load(file).Descendants("member").ToDictionary(member => (string)member.Attribute("name")!)
            : assembly.GetName().Name!.StartsWith("RdsTunnel.", StringComparison.Ordinal)
                ? throw new FileNotFoundException("The build has written no documentation.", file)
            : [];
    }

    private static string Text(XElement? element) =>
        element is null ? "" : Spaces().Replace(string.Concat(element.Nodes().Select(Markdown)), " ").Trim().TrimEnd('.');

    private static string Markdown(XNode node) =>
        node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" or "paramref" } reference => $"`{((string)reference.FirstAttribute!).Split('.')[^1]}`",
            XElement element => element.Value,
            XText text => text.Value,
            _ => "",
        };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
