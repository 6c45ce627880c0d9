using System.Net;

namespace RdsTunnel.Host.Tests;

public sealed class ServeAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", false, false, null)]
    [InlineData("::1", false, false, null)]
    [InlineData("0.0.0.0", false, false, "this isn't a container")]
    [InlineData("0.0.0.0", false, true, null)]
    [InlineData("0.0.0.0", true, false, null)]
    [InlineData("172.18.0.2", true, false, null)]
    [InlineData("fd00::2", true, false, null)]
    [InlineData("203.0.113.7", true, false, "isn't in a private network")]
    [InlineData("203.0.113.7", true, true, null)]
    public void ProblemOf_Address_IsAllowedOnlyWhereNobodyElseReachesIt(string address, bool isInContainer, bool allowed, string? problem)
    {
        var said = ServeAddress.ProblemOf(IPAddress.Parse(address), allowed, isInContainer, () => [IPAddress.Parse("10.1.2.3")]);
        if (problem is null)
        {
            Assert.Null(said);
        }
        else
        {
            Assert.Contains(problem, said, StringComparison.Ordinal);
            Assert.Contains("--allow-network", said, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0.0.0.0", "198.51.100.4", false)]
    [InlineData("0.0.0.0", "2001:db8::4", true)]
    [InlineData("::", "2001:db8::4", false)]
    [InlineData("::", "198.51.100.4", false)]
    public void ProblemOf_AllAddressesOfTheMachine_LooksAtEachThatIsMeant(string address, string own, bool isAllowed) =>
        Assert.Equal(
            isAllowed,
            ServeAddress.ProblemOf(IPAddress.Parse(address), false, true, () => [IPAddress.Parse("172.17.0.2"), IPAddress.Parse(own)])
                is null
        );

    [Theory]
    [InlineData("/.dockerenv", "", true)]
    [InlineData("", "KUBERNETES_SERVICE_HOST", true)]
    [InlineData("/etc/passwd", "HOME", false)]
    public void IsInContainer_WhatEnginesLeave_IsSeen(string file, string variable, bool isOne) =>
        Assert.Equal(isOne, ServeAddress.IsInContainer(path => path == file, name => name == variable ? "x" : null));
}
