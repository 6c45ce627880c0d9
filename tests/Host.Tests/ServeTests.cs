using System.Diagnostics;

namespace RdsTunnel.Host.Tests;

public sealed class ServeTests
{
    [Fact]
    public async Task Serve_InputClosed_EndsWithNothingButMessagesOnStandardOutput()
    {
        using var sidecar = SidecarProcess.Serve();
        await sidecar.InitializeAsync();
        Assert.Null((await sidecar.CallAsync(1, "log/setLevel", """{"level":"Trace"}"""))["error"]);
        Assert.NotNull((await sidecar.CallAsync(2, "nonsense"))["error"]);
        sidecar.Input.Close();
        Assert.Equal(0, await sidecar.EndAsync());
        Assert.Contains("ending", await sidecar.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_RequestsThenEndOfInput_AreAnswered()
    {
        using var sidecar = SidecarProcess.Serve();
        await sidecar.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tunnel/list"}""");
        sidecar.Input.Close();
        Assert.Equal(-32002, (int)(await sidecar.ReadAsync())["error"]!["code"]!);
        Assert.Equal(0, await sidecar.EndAsync());
    }

    [Fact]
    public async Task Serve_ShutdownAndExit_Ends()
    {
        using var sidecar = SidecarProcess.Serve();
        await sidecar.InitializeAsync();
        Assert.Null((await sidecar.CallAsync(1, "shutdown"))["error"]);
        await sidecar.SendAsync("""{"jsonrpc":"2.0","method":"exit"}""");
        Assert.Equal(0, await sidecar.EndAsync());
    }

    [Fact]
    public async Task Serve_InputWithoutFrames_EndsAsFailed()
    {
        using var sidecar = SidecarProcess.Serve();
        await sidecar.Input.WriteAsync("hello\r\n\r\n"u8.ToArray());
        await sidecar.Input.FlushAsync();
        Assert.Equal(1, await sidecar.EndAsync());
    }

    [UnixTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public async Task Serve_Signal_Ends(string signal)
    {
        using var sidecar = SidecarProcess.Serve();
        await sidecar.InitializeAsync();
        await sidecar.SignalAsync(signal);
        Assert.Equal(0, await sidecar.EndAsync());
        Assert.Contains($"Received SIG{signal}", await sidecar.Error, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Serve_ParentGone_EndsThoughInputStaysOpen()
    {
        using var parent = Process.Start("sleep", ["600"]);
        using var sidecar = SidecarProcess.Serve();
        await sidecar.InitializeAsync(parent.Id);
        parent.Kill();
        await parent.WaitForExitAsync();
        Assert.Equal(0, await sidecar.EndAsync());
        Assert.Contains("parent", await sidecar.Error, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Serve_ParentGoneButNotCollected_Ends()
    {
        // The shell becomes a sleep, which never collects its child.
        using var grandparent = Process.Start(
            new ProcessStartInfo("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"]) { RedirectStandardOutput = true }
        )!;
        try
        {
            var parentId = int.Parse(
                (await grandparent.StandardOutput.ReadLineAsync())!,
                System.Globalization.CultureInfo.InvariantCulture
            );
            using var sidecar = SidecarProcess.Serve();
            await sidecar.InitializeAsync(parentId);
            using (var parent = Process.GetProcessById(parentId))
            {
                parent.Kill();
            }

            Assert.Equal(0, await sidecar.EndAsync());
        }
        finally
        {
            grandparent.Kill();
        }
    }

    [Fact]
    public async Task Serve_OutputClosed_Ends()
    {
        using var sidecar = SidecarProcess.Serve();
        await sidecar.InitializeAsync();
        sidecar.Output.Close();
        await sidecar.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tunnel/list"}""");
        Assert.Equal(0, await sidecar.ExitAsync());
    }
}
