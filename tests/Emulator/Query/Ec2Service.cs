using System.Xml.Linq;
using RdsTunnel.Emulator.Ecs;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Query;

/// <summary>The calls of EC2 by which jump hosts and their way to a database are looked at. Its
/// dialect of the protocol is its own.</summary>
internal sealed class Ec2Service(IReadOnlyList<EmulatedInstance> instances, IReadOnlyList<EmulatedRegion> regions) : IQueryService
{
    private const int MaxFilterValues = 200;

    private static readonly XNamespace Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";

    public string SigningName => "ec2";

    public string AccessDeniedCode => "UnauthorizedOperation";

    public IEnumerable<XElement> Call(string action, IReadOnlyDictionary<string, string> form, string region, EmulatedCredential? caller)
    {
        var (name, values) = Filter(form);
        return action switch
        {
            "DescribeInstances" =>
            [
                new XElement(
                    "reservationSet",
                    new XElement(
                        "item",
                        new XElement(
                            "instancesSet",
                            instances
                                .Where(instance =>
                                    instance.VpcId is not null
                                    && instance.Task is null
                                    && instance.IsIn(region)
                                    && (name is null || Matches(name, "instance-id", values, instance.InstanceId))
                                )
                                .Select(Instance)
                        )
                    )
                ),
            ],
            "DescribeNetworkInterfaces" =>
            [
                new XElement(
                    "networkInterfaceSet",
                    instances
                        .Where(each =>
                            each.Task is not null
                            && each.IsIn(region)
                            && (name is null || Matches(name, "network-interface-id", values, EcsService.InterfaceOf(each)))
                        )
                        .Select(Interface)
                ),
            ],
            "DescribeSecurityGroups" =>
            [
                new XElement(
                    "securityGroupInfo",
                    In(region)
                        .SelectMany(each => each.SecurityGroups)
                        .Where(group => name is null || Matches(name, "group-id", values, group.GroupId))
                        .Select(Group)
                ),
            ],
            "DescribeVpcs" =>
            [
                new XElement(
                    "vpcSet",
                    In(region)
                        .SelectMany(each => each.Vpcs)
                        .Where(_ => name is null || Matches(name, "state", values, "available"))
                        .Select(Vpc)
                ),
            ],
            "DescribeVpcPeeringConnections" =>
            [
                new XElement(
                    "vpcPeeringConnectionSet",
                    In(region)
                        .SelectMany(each => each.Peerings)
                        .Where(peering => name is null || Matches(name, "status-code", values, peering.Status))
                        .Select(Peering)
                ),
            ],
            "GetManagedPrefixListEntries" =>
            [
                new XElement(
                    "entrySet",
                    PrefixList(form.GetValueOrDefault("PrefixListId", ""), region)
                        .Select(block => new XElement("item", new XElement("cidr", block)))
                ),
            ],
            _ => throw new ServiceException("InvalidAction", $"The action {action} is not valid for this web service."),
        };
    }

    public XElement Envelope(string action, IEnumerable<XElement> result)
    {
        var answer = new XElement($"{action}Response", new XElement("requestId", Guid.NewGuid()), result);
        foreach (var element in answer.DescendantsAndSelf())
        {
            element.Name = Namespace + element.Name.LocalName;
        }

        return answer;
    }

    public XElement Error(string code, string message) =>
        new(
            "Response",
            new XElement("Errors", new XElement("Error", new XElement("Code", code), new XElement("Message", message))),
            new XElement("RequestID", Guid.NewGuid())
        );

    private IEnumerable<EmulatedRegion> In(string region) => regions.Where(each => each.Name == region);

    private IReadOnlyList<string> PrefixList(string id, string region) =>
        In(region).Select(each => each.PrefixLists.GetValueOrDefault(id)).FirstOrDefault(list => list is not null)
        ?? throw new ServiceException("InvalidPrefixListID.NotFound", $"The prefix list ID '{id}' does not exist.");

    private static (string? Name, List<string> Values) Filter(IReadOnlyDictionary<string, string> form)
    {
        var values = form.Where(pair => pair.Key.StartsWith("Filter.1.Value.", StringComparison.Ordinal))
            .Select(pair => pair.Value)
            .ToList();
        return values.Count <= MaxFilterValues
            ? (form.GetValueOrDefault("Filter.1.Name"), values)
            : throw new ServiceException(
                "FilterLimitExceeded",
                $"The maximum number of filter values specified on a single call is {MaxFilterValues}."
            );
    }

    private static bool Matches(string name, string known, List<string> values, string value) =>
        name == known ? values.Contains(value) : throw new ServiceException("InvalidParameterValue", $"The filter '{name}' is invalid");

    private static XElement Instance(EmulatedInstance instance) =>
        new(
            "item",
            new XElement("instanceId", instance.InstanceId),
            new XElement(
                "instanceState",
                new XElement("code", instance.IsOnline ? 16 : 80),
                new XElement("name", instance.IsOnline ? "running" : "stopped")
            ),
            new XElement("vpcId", instance.VpcId),
            new XElement("subnetId", "subnet-0b"),
            new XElement("privateIpAddress", instance.IPAddress),
            new XElement("groupSet", instance.SecurityGroupIds.Select(id => new XElement("item", new XElement("groupId", id)))),
            new XElement(
                "tagSet",
                instance.Tags.Select(tag => new XElement("item", new XElement("key", tag.Key), new XElement("value", tag.Value)))
            )
        );

    private static XElement Interface(EmulatedInstance task) =>
        new(
            "item",
            new XElement("networkInterfaceId", EcsService.InterfaceOf(task)),
            new XElement("subnetId", "subnet-0b"),
            new XElement("vpcId", task.VpcId),
            new XElement("privateIpAddress", task.IPAddress),
            new XElement("groupSet", task.SecurityGroupIds.Select(id => new XElement("item", new XElement("groupId", id))))
        );

    private static XElement Vpc(EmulatedVpc vpc) =>
        new(
            "item",
            new XElement("vpcId", vpc.VpcId),
            new XElement("state", "available"),
            new XElement("cidrBlock", vpc.CidrBlocks[0]),
            new XElement("cidrBlockAssociationSet", vpc.CidrBlocks.Select(block => new XElement("item", new XElement("cidrBlock", block))))
        );

    private static XElement Peering(EmulatedPeering peering) =>
        new(
            "item",
            new XElement("vpcPeeringConnectionId", "pcx-0a"),
            new XElement("requesterVpcInfo", new XElement("vpcId", peering.RequesterVpcId)),
            new XElement("accepterVpcInfo", new XElement("vpcId", peering.AccepterVpcId)),
            new XElement("status", new XElement("code", peering.Status))
        );

    private static XElement Group(EmulatedSecurityGroup group) =>
        new(
            "item",
            new XElement("groupId", group.GroupId),
            new XElement("vpcId", group.VpcId),
            new XElement(
                "ipPermissions",
                group.Ingress.Select(rule => new XElement(
                    "item",
                    new XElement("ipProtocol", "tcp"),
                    new XElement("fromPort", rule.FromPort),
                    new XElement("toPort", rule.ToPort),
                    new XElement("groups", rule.GroupIds.Select(id => new XElement("item", new XElement("groupId", id)))),
                    new XElement("ipRanges", rule.CidrBlocks.Select(block => new XElement("item", new XElement("cidrIp", block)))),
                    new XElement("prefixListIds", rule.PrefixListIds.Select(id => new XElement("item", new XElement("prefixListId", id))))
                ))
            )
        );
}
