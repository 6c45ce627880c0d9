using System.Net;
using RdsTunnel.Aws;
using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Discovery.Tests.Names;

public sealed class HostNamesTests
{
    [Theory]
    [InlineData("Orders.ABC.eu-west-1.rds.amazonaws.com.", "orders.abc.eu-west-1.rds.amazonaws.com")]
    [InlineData("LOCALHOST", "localhost")]
    [InlineData(".", ".")]
    [InlineData("", "")]
    [InlineData("::1", "::1")]
    public void Normalize_AnySpelling_IsTheOneOfDns(string host, string expected) => Assert.Equal(expected, HostName.Normalize(host));

    [Theory]
    [InlineData("a.example", "A.Example.", true)]
    [InlineData("a.example", "b.example", false)]
    [InlineData("a.example", null, false)]
    [InlineData(null, null, false)]
    public void AreEqual_TwoHosts_ComparesThemAsDnsDoes(string? one, string? other, bool expected) =>
        Assert.Equal(expected, HostName.AreEqual(one, other));

    [Theory]
    [InlineData("10.0.1.2")]
    [InlineData("fd00::1")]
    public async Task Resolve_AnAddress_IsItself(string address)
    {
        var resolved = await new HostNames(TimeProvider.System).ResolveAsync(address, CancellationToken.None);
        Assert.Equal([address], resolved.Names);
        Assert.Equal([IPAddress.Parse(address)], resolved.Addresses);
    }

    [Fact]
    public async Task Resolve_ThisMachine_KeepsTheNameFirst()
    {
        var resolved = await new HostNames(TimeProvider.System).ResolveAsync("LocalHost.", CancellationToken.None);
        Assert.Equal("localhost", resolved.Names[0]);
        Assert.All(resolved.Addresses, address => Assert.True(IPAddress.IsLoopback(address)));
    }

    [Fact]
    public async Task Resolve_WhatDoesNotExist_StandsAlone()
    {
        var resolved = await new HostNames(TimeProvider.System).ResolveAsync("nobody.invalid", CancellationToken.None);
        Assert.Equal(["nobody.invalid"], resolved.Names);
        Assert.Empty(resolved.Addresses);
    }
}
