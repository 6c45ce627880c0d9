using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Agents;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

public sealed class AuditLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rds-tunnel-audit-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "rds-tunnel", "agents.jsonl");

    private string Before => System.IO.Path.Combine(_folder.FullName, "rds-tunnel", "agents.1.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Write_Action_IsALineOfJson()
    {
        using var log = new AuditLog(Path, new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)));
        await log.WriteAsync(
            new(AgentActionKind.Opened, "client 1", "orders.example.com", 5432, 15432, Reason: "a \"report\""),
            CancellationToken.None
        );
        using var line = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(Path)));
        Assert.Equal(
            """{"time":"2026-03-01T12:00:00+00:00","action":"Opened","client":"client 1","host":"orders.example.com","port":5432,"localPort":15432,"reason":"a \u0022report\u0022"}""",
            line.RootElement.GetRawText()
        );
    }

    [Fact]
    public async Task Write_HostileTexts_AreOneLineWithoutSecretsAndBounded()
    {
        using var log = new AuditLog(Path, TimeProvider.System);
        await log.WriteAsync(
            new(
                AgentActionKind.Failed,
                "a\u001b[2J\nb",
                Reason: $"password=hunter2hunter2 \u202e{new string('x', 5000)}",
                Error: "Bearer abcdefghijkl"
            ),
            CancellationToken.None
        );
        var text = await File.ReadAllTextAsync(Path);
        Assert.Equal(1, text.Count(c => c == '\n'));
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("abcdefghijkl", text, StringComparison.Ordinal);
        Assert.DoesNotContain("u001b", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("u202e", text, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(text.Length, 1, 1000);
    }

    [UnixFact]
    public async Task Write_FileThatOthersCouldRead_IsTheOwnersAlone()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        await File.WriteAllTextAsync(Path, "");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            using var log = new AuditLog(Path, TimeProvider.System);
            await log.WriteAsync(new(AgentActionKind.Closed, "client"), CancellationToken.None);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }
    }

    [UnixFact]
    public async Task Write_APipeInItsPlace_SaysThatItIsNoFile()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        System.Diagnostics.Process.Start("mkfifo", [Path]).WaitForExit();
        using var log = new AuditLog(Path, TimeProvider.System);
        var e = await Assert.ThrowsAsync<TunnelException>(() =>
            log.WriteAsync(new(AgentActionKind.Closed, "client"), CancellationToken.None)
        );
        Assert.Contains("it isn't a regular file", e.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Write_ALinkInItsPlace_IsFollowed()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var elsewhere = System.IO.Path.Combine(_folder.FullName, "elsewhere");
        await File.WriteAllTextAsync(elsewhere, "");
        File.CreateSymbolicLink(Path, elsewhere);
        using var log = new AuditLog(Path, TimeProvider.System);
        await log.WriteAsync(new(AgentActionKind.Closed, "client"), CancellationToken.None);
        Assert.Single(await File.ReadAllLinesAsync(elsewhere));
    }

    /// <summary>Each log is a process's: they share nothing but the file.</summary>
    [UnixFact]
    public async Task Write_FullFileAndManyProcesses_LosesNoLine()
    {
        const int Processes = 8;
        var line = 0;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        for (var round = 0; round < 40; round++)
        {
            File.Delete(Path);
            File.Delete(Before);
            // The file is full at the sixth line, and then once: all lines are in the two.
            var logs = Enumerable.Range(0, Processes).Select(_ => new AuditLog(Path, TimeProvider.System, maxBytes: 600)).ToList();
            await Task.WhenAll(
                logs.Select(log =>
                    Task.Run(() => log.WriteAsync(new(AgentActionKind.Opened, $"client {++line:00000000}"), CancellationToken.None))
                )
            );
            var written =
                (await File.ReadAllLinesAsync(Path)).Length + (File.Exists(Before) ? (await File.ReadAllLinesAsync(Before)).Length : 0);
            Assert.Equal(Processes, written);
            logs.ForEach(log => log.Dispose());
        }
    }

    [Fact]
    public async Task Write_FullFile_BecomesTheOneBefore()
    {
        using var log = new AuditLog(Path, TimeProvider.System, maxBytes: 200);
        for (var i = 0; i < 10; i++)
        {
            await log.WriteAsync(new(AgentActionKind.Opened, $"client {i}"), CancellationToken.None);
        }

        Assert.InRange(new FileInfo(Path).Length, 1, 200);
        Assert.InRange(new FileInfo(Before).Length, 1, 200);
        Assert.Contains("client 9", await File.ReadAllTextAsync(Path), StringComparison.Ordinal);
        Assert.Equal(2, _folder.GetFiles("*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Write_AfterHalfALine_BeginsANewOne()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        await File.WriteAllTextAsync(Path, "{\"time\":\"20");
        using var log = new AuditLog(Path, TimeProvider.System);
        await log.WriteAsync(new(AgentActionKind.Opened, "client"), CancellationToken.None);
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path)).Length);
    }

    [Fact]
    public async Task Write_ManyAtOnceFromTwoLogs_AreAllThere()
    {
        using var one = new AuditLog(Path, TimeProvider.System);
        using var other = new AuditLog(Path, TimeProvider.System);
        await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(i => (i % 2 == 0 ? one : other).WriteAsync(new(AgentActionKind.Opened, $"client {i}."), CancellationToken.None))
        );
        var lines = await File.ReadAllLinesAsync(Path);
        Assert.Equal(20, lines.Length);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Contains(lines, line => line.Contains($"client {i}.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Write_NoPlace_SaysSo()
    {
        using var log = new AuditLog(null, TimeProvider.System);
        var error = await Assert.ThrowsAsync<TunnelException>(() =>
            log.WriteAsync(new(AgentActionKind.Opening, "client"), CancellationToken.None)
        );
        Assert.Equal(TunnelErrorCode.ConfigurationInvalid, error.Code);
    }

    [Fact]
    public async Task Write_FolderIsAFile_SaysSo()
    {
        await File.WriteAllTextAsync(System.IO.Path.Combine(_folder.FullName, "rds-tunnel"), "");
        using var log = new AuditLog(Path, TimeProvider.System);
        var error = await Assert.ThrowsAsync<TunnelException>(() =>
            log.WriteAsync(new(AgentActionKind.Opening, "client"), CancellationToken.None)
        );
        Assert.Contains(Path, error.Message, StringComparison.Ordinal);
    }
}
