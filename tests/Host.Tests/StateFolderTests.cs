namespace RdsTunnel.Host.Tests;

public sealed class StateFolderTests
{
    [Fact]
    public void JumpHosts_XdgStateHome_IsBelowIt() =>
        Assert.Equal(
            Path.Combine(Path.GetTempPath(), "rds-tunnel", "jump-hosts.json"),
            Find(("XDG_STATE_HOME", Path.GetTempPath()), ("HOME", "/home/jane"))
        );

    [UnixTheory]
    [InlineData("")]
    [InlineData("state")]
    [InlineData("~/state")]
    public void JumpHosts_RelativeStateHome_IsIgnored(string stateHome)
    {
        var found = Find(("XDG_STATE_HOME", stateHome), ("HOME", "/home/jane"));
        Assert.StartsWith("/home/jane/", found, StringComparison.Ordinal);
        Assert.EndsWith("/rds-tunnel/jump-hosts.json", found, StringComparison.Ordinal);
    }

    [Fact]
    public void JumpHosts_NoPlace_IsNone() => Assert.Null(Find());

    private static string? Find(params (string Name, string Value)[] environment) =>
        StateFolder.JumpHosts(name => environment.Where(each => each.Name == name).Select(each => each.Value).FirstOrDefault());
}
