namespace RdsTunnel.Host.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("Required", "--host is missing", "open", "--port", "1")]
    [InlineData("Required", "--port", "open", "--target", "i-1")]
    [InlineData("Not a number", "--port", "open", "--target", "i-1", "--port", "x")]
    [InlineData("Out of range", "--port is 0", "open", "--target", "i-1", "--port", "0")]
    [InlineData("Out of range", "--local-port is 70000", "open", "--target", "i-1", "--port", "1", "--local-port", "70000")]
    [InlineData("Out of range", "--max-sessions is 17", "open", "--target", "i-1", "--port", "1", "--max-sessions", "17")]
    [InlineData("Not a URL", "--endpoint-url is not", "open", "--target", "i-1", "--port", "1", "--endpoint-url", "x")]
    [InlineData(
        "Without a place for it",
        "RDS_TUNNEL_LOCAL_PASSWORD is missing",
        "open",
        "--host",
        "db",
        "--port",
        "5432",
        "--login",
        "iam",
        "--user",
        "app",
        "--local-password"
    )]
    [InlineData(
        "A file that is not there",
        "/nonexistent can't be used",
        "open",
        "--host",
        "db",
        "--port",
        "5432",
        "--login",
        "iam",
        "--user",
        "app",
        "--local-password-file",
        "/nonexistent"
    )]
    [InlineData("Unknown option", "--nonsense", "open", "--target", "i-1", "--port", "1", "--nonsense")]
    [InlineData("Unknown option", "--nonsense", "serve", "--stdio", "--nonsense")]
    [InlineData("Unknown command", "nonsense", "nonsense")]
    [InlineData("Without its value", "--name", "exec", "--name=", "--", "true")]
    [InlineData("Without its value", "--host", "exec", "--host=", "--port", "1", "--", "true")]
    [InlineData("Without its value", "--env", "exec", "--name", "x", "--env=", "--", "true")]
    [InlineData("Without its value", "--host", "check", "--host=", "--port", "1")]
    [InlineData("Without its value", "--profile", "sign-in", "--profile=")]
    [InlineData("Neither true nor false", "--stdio", "serve", "--stdio=x")]
    [InlineData("Without its mode", "'serve' requires --config", "serve")]
    [InlineData("With both modes", "either --config or --stdio", "serve", "--stdio", "--config", "x")]
    [InlineData("Of the other mode", "--health-check requires --config", "serve", "--stdio", "--health-check")]
    [InlineData("No address", "--address must be an IP address", "serve", "--config", "x", "--address", "db.example.com")]
    [InlineData("No duration", "--max-sigterm-delay must be a duration", "serve", "--config", "x", "--max-sigterm-delay", "soon")]
    [InlineData("Out of range", "--http-port is 0", "serve", "--config", "x", "--health-check", "--http-port", "0")]
    [InlineData("Without what it is for", "--http-port requires --health-check", "serve", "--config", "x", "--http-port", "1")]
    [InlineData("Together", "can't be used together", "serve", "--config", "x", "--address", "127.0.0.1", "--unix-socket", "/tmp")]
    [InlineData("Together", "can't be used together", "serve", "--config", "x", "--quiet", "--debug-logs")]
    public async Task CommandLine_WrongUse_SaysWhatOnStandardErrorAndExits2(string _, string said, params string[] arguments)
    {
        using var sidecar = new SidecarProcess(arguments);
        Assert.Equal(2, await sidecar.ExitAsync());
        Assert.Contains(said, await sidecar.Error, StringComparison.Ordinal);
        Assert.Null(await sidecar.ReadLineAsync());
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("open", "--help")]
    public async Task CommandLine_Help_IsForStandardOutput(params string[] arguments)
    {
        using var sidecar = new SidecarProcess(arguments);
        Assert.Contains("rds-tunnel", await sidecar.Output.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await sidecar.ExitAsync());
        Assert.Equal("", await sidecar.Error);
    }

    [Fact]
    public async Task CommandLine_Version_IsTheProjects()
    {
        using var sidecar = new SidecarProcess("--version");
        Assert.Equal(Program.Version, await sidecar.ReadLineAsync());
        Assert.Equal(0, await sidecar.ExitAsync());
    }
}
