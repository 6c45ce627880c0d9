namespace RdsTunnel.Tunnels.Tests;

public sealed class CurrentUserTests
{
    [Fact]
    public void Name_SystemHasOne_IsThat() => Assert.Equal("jane", CurrentUser.From(() => "jane", _ => "other"));

    [Theory]
    [InlineData("jane", null, "jane")]
    [InlineData(null, "jane", "jane")]
    [InlineData("", "", "unknown")]
    [InlineData(null, null, "unknown")]
    public void Name_SystemHasNone_IsTheEnvironments(string? user, string? login, string expected)
    {
        string? Variable(string name) =>
            name == "USER" ? user
            : name == "LOGNAME" ? login
            : null;

        Assert.Equal(expected, CurrentUser.From(() => throw new InvalidOperationException("no entry for uid 1234567"), Variable));
        Assert.Equal(expected, CurrentUser.From(() => throw new IOException("/etc/passwd"), Variable));
        Assert.Equal(expected, CurrentUser.From(() => "", Variable));
    }
}
