using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RdsTunnel.Host.Tests;

/// <summary>The real program, built beside these tests. Killed when the test is over, whatever happened.</summary>
internal sealed class SidecarProcess : IDisposable
{
    /// <summary>What takes longer hangs, also on a machine that is busy with other tests.</summary>
    public static readonly TimeSpan Patience = Hang.Limit;

    // Of its own: programs that meet in one folder share their tunnels.
    private readonly string _stateFolder = Directory.CreateTempSubdirectory("rds-tunnel-state-").FullName;
    private readonly Process _process;
    private readonly Task<string> _error;

    public SidecarProcess(params string[] arguments)
        : this(Executable, arguments) { }

    private SidecarProcess(string executable, string[] arguments)
    {
        _process = Process.Start(
            new ProcessStartInfo(executable, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["XDG_STATE_HOME"] = _stateFolder, ["XDG_RUNTIME_DIR"] = _stateFolder },
            }
        )!;
        _error = _process.StandardError.ReadToEndAsync();
    }

    public static string Executable { get; } =
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "rds-tunnel.exe" : "rds-tunnel");

    public int Id => _process.Id;

    public Stream Input => _process.StandardInput.BaseStream;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>All of standard error, once the process is gone.</summary>
    public Task<string> Error => _error.WaitAsync(Patience);

    public static SidecarProcess Serve() => new("serve", "--stdio");

    public async Task SendAsync(string json)
    {
        await Input.WriteAsync(Encoding.UTF8.GetBytes($"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}"));
        await Input.FlushAsync();
    }

    public async Task<JsonNode> CallAsync(int id, string method, string parameters = "{}")
    {
        await SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}","params":{{parameters}}}""");
        while (true)
        {
            var message = await ReadAsync();
            if (message["method"] is null)
            {
                Assert.Equal(id, (int)message["id"]!);
                return message;
            }
        }
    }

    public async Task InitializeAsync(int? parentProcessId = null)
    {
        var parent = parentProcessId is { } id ? $",\"parentProcessId\":{id}" : "";
        var answer = await CallAsync(0, "initialize", $$"""{"clientInfo":{"name":"test","version":"0"},"protocolVersion":2{{parent}}}""");
        Assert.Null(answer["error"]);
    }

    /// <summary>The next message; anything else on standard output fails the test.</summary>
    public async Task<JsonNode> ReadAsync() => await TryReadAsync() ?? throw new EndOfStreamException("Standard output ended.");

    public async Task<JsonNode?> TryReadAsync()
    {
        if (await ReadLineAsync() is not { } header)
        {
            return null;
        }

        Assert.StartsWith("Content-Length: ", header, StringComparison.Ordinal);
        Assert.Equal("", await ReadLineAsync());
        var content = new char[int.Parse(header["Content-Length: ".Length..], CultureInfo.InvariantCulture)]; // all is ASCII: others are escaped
        using var patience = new CancellationTokenSource(Patience);
        Assert.Equal(content.Length, await Output.ReadBlockAsync(content, patience.Token));
        return JsonNode.Parse(new string(content))!;
    }

    public async Task<string?> ReadLineAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await Output.ReadLineAsync(patience.Token);
    }

    /// <summary>Sends a signal by its name, without SIG.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        await kill.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for the end; checks that nothing but messages was written until then.</summary>
    public async Task<int> EndAsync()
    {
        while (await TryReadAsync() is not null) { }

        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        Directory.Delete(_stateFolder, recursive: true);
    }
}
