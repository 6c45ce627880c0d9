namespace RdsTunnel.Tunnels.Tests;

/// <summary>A cluster names its nodes; which of them a tunnel leads to is not for the cluster to say.</summary>
public sealed class NodeRuleTests
{
    private const string Cluster = "clustercfg.carts.abc123.euc1.cache.amazonaws.com";

    [Theory]
    [InlineData(Cluster, "carts-0001-001.carts.abc123.euc1.cache.amazonaws.com")]
    [InlineData(Cluster, "Carts-0001-001.Carts.abc123.euc1.cache.amazonaws.com.")]
    [InlineData("carts-0001-001.carts.abc123.euc1.cache.amazonaws.com", "carts-0002-001.carts.abc123.euc1.cache.amazonaws.com")]
    [InlineData("clustercfg.carts.abc123.memorydb.eu-west-1.amazonaws.com", "carts-0001-001.carts.abc123.memorydb.eu-west-1.amazonaws.com")]
    [InlineData("redis-1.data.example.com", "redis-2.data.example.com")]
    public void NameOf_ANeighbor_IsItsOwnName(string cluster, string node) =>
        Assert.Equal(node.ToLowerInvariant().TrimEnd('.'), NodeRule.NameOf(cluster, node));

    [Theory]
    [InlineData(Cluster, Cluster)]
    [InlineData("pages-abc123.serverless.euc1.cache.amazonaws.com", "pages-abc123.serverless.euc1.cache.amazonaws.com")]
    [InlineData(Cluster, "10.0.3.7")]
    [InlineData(Cluster, "172.31.255.1")]
    [InlineData(Cluster, "100.64.0.1")]
    [InlineData(Cluster, "fd00::7")]
    public void NameOf_TheClusterItselfOrAPrivateAddress_IsTheClustersName(string cluster, string node) =>
        Assert.Equal(cluster, NodeRule.NameOf(cluster, node));

    [Theory]
    [InlineData(Cluster, "secrets.example.com")]
    [InlineData(Cluster, "orders-0001-001.orders.abc123.euc1.cache.amazonaws.com")] // a neighbor's cluster
    [InlineData(Cluster, "a.b.carts.abc123.euc1.cache.amazonaws.com")]
    [InlineData(Cluster, ".carts.abc123.euc1.cache.amazonaws.com")]
    [InlineData(Cluster, "a b.carts.abc123.euc1.cache.amazonaws.com")]
    [InlineData(Cluster, "x" + "carts.abc123.euc1.cache.amazonaws.com")]
    [InlineData("pages-abc123.serverless.euc1.cache.amazonaws.com", "others-abc123.serverless.euc1.cache.amazonaws.com")]
    [InlineData("redis.example.com", "other.example.com")] // a domain that may belong to many, as co.uk does
    [InlineData("redis", "other")]
    [InlineData("redis.eu-west-1.compute.amazonaws.com", "other.eu-west-1.compute.amazonaws.com")]
    [InlineData("orders.abc123.eu-west-1.rds.amazonaws.com", "other.abc123.eu-west-1.rds.amazonaws.com")]
    [InlineData("10.0.0.1", "a.0.0.1")]
    [InlineData(Cluster, "127.0.0.1")]
    [InlineData(Cluster, "0x7f.1")]
    [InlineData(Cluster, "localhost")]
    [InlineData(Cluster, "169.254.169.254")]
    [InlineData(Cluster, "169.254.1.1")]
    [InlineData(Cluster, "fd00:ec2::254")]
    [InlineData(Cluster, "8.8.8.8")]
    [InlineData(Cluster, "")]
    [InlineData(Cluster, "?")]
    public void NameOf_AnythingElse_IsNoNode(string cluster, string node) => Assert.Null(NodeRule.NameOf(cluster, node));
}
