using System.Globalization;
using System.Xml.Linq;

namespace RdsTunnel.Aws.Inventory;

/// <summary>Reads instances and the network around them out of EC2's answers.</summary>
internal static class Ec2Answers
{
    public static IEnumerable<Ec2Instance> Instances(XElement answer) =>
        from item in answer.Elements("reservationSet").Elements("item").Elements("instancesSet").Elements("item")
        select new Ec2Instance(
            Text(item, "instanceId") ?? "", Text(item, "vpcId"), Text(item, "subnetId"), Text(item, "privateIpAddress"),
            [.. item.Elements("groupSet").Elements("item").Select(each => Text(each, "groupId")).OfType<string>()],
            [.. item.Elements("tagSet").Elements("item").Select(each => new Tag(Text(each, "key") ?? "", Text(each, "value") ?? ""))]);

    public static IEnumerable<SecurityGroup> SecurityGroups(XElement answer) =>
        from item in answer.Elements("securityGroupInfo").Elements("item")
        select new SecurityGroup(
            Text(item, "groupId") ?? "", Text(item, "vpcId"), [.. item.Elements("ipPermissions").Elements("item").Where(IsTcp).Select(Rule)]);

    public static IEnumerable<VpcPeering> Peerings(XElement answer) =>
        from item in answer.Elements("vpcPeeringConnectionSet").Elements("item")
        select new VpcPeering(item.Element("requesterVpcInfo")?.Element("vpcId")?.Value ?? "", item.Element("accepterVpcInfo")?.Element("vpcId")?.Value ?? "");

    public static IEnumerable<Vpc> Vpcs(XElement answer) =>
        from item in answer.Elements("vpcSet").Elements("item")
        select new Vpc(Text(item, "vpcId") ?? "", [.. Each(item, "cidrBlockAssociationSet", "cidrBlock"), .. Each(item, "ipv6CidrBlockAssociationSet", "ipv6CidrBlock")]);

    public static IEnumerable<string> PrefixListEntries(XElement answer) =>
        answer.Elements("entrySet").Elements("item").Elements("cidr").Select(cidr => cidr.Value);

    private static bool IsTcp(XElement permission) => Text(permission, "ipProtocol") is "tcp" or "6" or "-1";

    // Without ports it is about all of them.
    private static IngressRule Rule(XElement permission) => new(
        Port(permission, "fromPort") ?? 0, Port(permission, "toPort") ?? ushort.MaxValue,
        Each(permission, "groups", "groupId"), [.. Each(permission, "ipRanges", "cidrIp"), .. Each(permission, "ipv6Ranges", "cidrIpv6")],
        Each(permission, "prefixListIds", "prefixListId"));

    private static string[] Each(XElement item, string list, string name) =>
        [.. item.Elements(list).Elements("item").Select(each => Text(each, name)).OfType<string>()];

    private static int? Port(XElement item, string name) =>
        int.TryParse(Text(item, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var port) && port >= 0 ? port : null;

    private static string? Text(XElement item, string name) => item.Element(name) is { Value: { Length: > 0 } text } ? text : null;
}
