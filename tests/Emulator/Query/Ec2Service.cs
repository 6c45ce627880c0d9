using System.Globalization;
using System.Xml.Linq;
using RdsTunnel.Emulator.Ec2;
using RdsTunnel.Emulator.Ecs;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Query;

/// <summary>The calls of EC2 by which jump hosts and their way to a database are looked at. Its
/// dialect of the protocol is its own.</summary>
internal sealed class Ec2Service(IReadOnlyList<EmulatedInstance> instances, InstancePowers powers, IReadOnlyList<EmulatedRegion> regions)
    : IQueryService
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
                                    && MatchesAll(form, instance)
                                )
                                .Select(Instance)
                        )
                    )
                ),
            ],
            "StartInstances" => [Changes(powers.Start(Values(form, "InstanceId"), region))],
            "StopInstances" => [Changes(powers.Stop(Values(form, "InstanceId"), region))],
            "CreateTags" => Tag(form, region),
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

    // Each filter holds for what is in the answer, and each by one of its values.
    private bool MatchesAll(IReadOnlyDictionary<string, string> form, EmulatedInstance instance)
    {
        for (var i = 1; form.TryGetValue($"Filter.{i}.Name", out var name); i++)
        {
            var values = Values(form, $"Filter.{i}.Value");
            var matches = name switch
            {
                "instance-id" => values.Contains(instance.InstanceId),
                "vpc-id" => values.Contains(instance.VpcId!),
                "instance-state-name" => values.Contains(NameOf(powers.StateOf(instance))),
                _ => throw new ServiceException("InvalidParameterValue", $"The filter '{name}' is invalid"),
            };
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    private IEnumerable<XElement> Tag(IReadOnlyDictionary<string, string> form, string region)
    {
        var tags = new List<(string Key, string Value)>();
        for (var i = 1; form.TryGetValue($"Tag.{i}.Key", out var key); i++)
        {
            tags.Add((key, form.GetValueOrDefault($"Tag.{i}.Value", "")));
        }

        if (tags.Count == 0)
        {
            throw new ServiceException("MissingParameter", "The request must contain the parameter Tag");
        }

        powers.Tag(Values(form, "ResourceId"), tags, region);
        return [new XElement("return", "true")];
    }

    private static XElement Changes(IEnumerable<(string InstanceId, InstancePower Before, InstancePower Now)> changes) =>
        new(
            "instancesSet",
            changes.Select(each => new XElement(
                "item",
                new XElement("instanceId", each.InstanceId),
                State("currentState", each.Now),
                State("previousState", each.Before)
            ))
        );

    private static XElement State(string name, InstancePower state) =>
        new(name, new XElement("code", (int)state), new XElement("name", NameOf(state)));

    private static string NameOf(InstancePower state) => state.ToString().ToLowerInvariant();

    private static List<string> Values(IReadOnlyDictionary<string, string> form, string name)
    {
        var values = new List<string>();
        for (var i = 1; form.TryGetValue($"{name}.{i}", out var value); i++)
        {
            values.Add(value);
        }

        return values;
    }

    private static bool Matches(string name, string known, List<string> values, string value) =>
        name == known ? values.Contains(value) : throw new ServiceException("InvalidParameterValue", $"The filter '{name}' is invalid");

    private XElement Instance(EmulatedInstance instance) =>
        new(
            "item",
            new XElement("instanceId", instance.InstanceId),
            State("instanceState", powers.StateOf(instance)),
            new XElement(
                "launchTime",
                powers.LaunchTimeOf(instance).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
            ),
            instance.HasProfile
                ? new XElement("iamInstanceProfile", new XElement("arn", "arn:aws:iam::111122223333:instance-profile/jump-host"))
                : null,
            new XElement("vpcId", instance.VpcId),
            new XElement("subnetId", "subnet-0b"),
            new XElement("privateIpAddress", instance.IPAddress),
            new XElement("groupSet", instance.SecurityGroupIds.Select(id => new XElement("item", new XElement("groupId", id)))),
            new XElement(
                "tagSet",
                powers.TagsOf(instance).Select(tag => new XElement("item", new XElement("key", tag.Key), new XElement("value", tag.Value)))
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
