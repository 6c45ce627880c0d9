using Ec2 = Amazon.EC2.Model;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Instances, and the network around them, out of EC2's answers. What an answer lacks is
/// null in the SDK's classes, lists included.</summary>
internal static class Ec2Network
{
    public static Ec2Instance Instance(Ec2.Instance instance) =>
        new(
            instance.InstanceId ?? "",
            instance.VpcId,
            instance.SubnetId,
            instance.PrivateIpAddress,
            Texts(instance.SecurityGroups, group => group.GroupId),
            [.. (instance.Tags ?? []).Select(tag => new Tag(tag.Key ?? "", tag.Value ?? ""))]
        )
        {
            IsStopped = StateOf(instance.State) is InstanceState.Stopped or InstanceState.Stopping,
            HasProfile = instance.IamInstanceProfile is not null,
        };

    public static InstanceState StateOf(Ec2.InstanceState? state) =>
        state?.Name?.Value switch
        {
            "pending" => InstanceState.Pending,
            "running" => InstanceState.Running,
            "stopping" => InstanceState.Stopping,
            "stopped" => InstanceState.Stopped,
            _ => InstanceState.Gone,
        };

    public static NetworkInterface Interface(Ec2.NetworkInterface one) =>
        new(one.NetworkInterfaceId ?? "", one.VpcId, one.SubnetId, one.PrivateIpAddress, Texts(one.Groups, group => group.GroupId));

    public static SecurityGroup SecurityGroup(Ec2.SecurityGroup group) =>
        new(group.GroupId ?? "", group.VpcId, [.. (group.IpPermissions ?? []).Where(IsTcp).Select(Rule)]);

    public static VpcPeering Peering(Ec2.VpcPeeringConnection peering) =>
        new(peering.RequesterVpcInfo?.VpcId ?? "", peering.AccepterVpcInfo?.VpcId ?? "");

    public static Vpc Vpc(Ec2.Vpc vpc) =>
        new(
            vpc.VpcId ?? "",
            [
                .. Texts(vpc.CidrBlockAssociationSet, block => block.CidrBlock),
                .. Texts(vpc.Ipv6CidrBlockAssociationSet, block => block.Ipv6CidrBlock),
            ]
        );

    private static bool IsTcp(Ec2.IpPermission permission) => permission.IpProtocol is "tcp" or "6" or "-1";

    // Without ports it is about all of them.
    private static IngressRule Rule(Ec2.IpPermission permission) =>
        new(
            permission.FromPort is >= 0 and var from ? from : 0,
            permission.ToPort is >= 0 and var to ? to : ushort.MaxValue,
            Texts(permission.UserIdGroupPairs, group => group.GroupId),
            [.. Texts(permission.Ipv4Ranges, range => range.CidrIp), .. Texts(permission.Ipv6Ranges, range => range.CidrIpv6)],
            Texts(permission.PrefixListIds, list => list.Id)
        );

    private static string[] Texts<T>(List<T>? items, Func<T, string?> text) => [.. (items ?? []).Select(text).OfType<string>()];
}
