using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Nerdbank.Streams;

namespace RdsTunnel.Rpc.Tests;

/// <summary>A server and the client's end of its pipes. What the client reads is cut by the
/// client's own code, not by the server's.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    /// <summary>A test that takes longer than this hangs.</summary>
    public static readonly TimeSpan Patience = Hang.Limit;

    private readonly Pipe _toServer = new(new PipeOptions(pauseWriterThreshold: 0)); // the client may say everything at once
    private readonly Pipe _toClient;
    private readonly CancellationTokenSource _stop = new();
    private readonly Stream _output;

    public FakeSignIn SignIn { get; } = new();

    public FakeDiscovery Discovery { get; } = new();

    public FakeReach Reach { get; } = new();

    public TestClient(IRpcTarget? target = null, FakeTunnels? tunnels = null, TimeProvider? time = null, PipeOptions? toClient = null)
    {
        Tunnels = tunnels ?? new FakeTunnels();
        _toClient = new(toClient ?? PipeOptions.Default);
        _output = _toClient.Reader.AsStream();
        Connection = new(
            new DuplexPipe(_toServer.Reader, _toClient.Writer),
            time ?? TimeProvider.System,
            NullLogger<JsonRpcConnection>.Instance
        );
        Target =
            target
            ?? new SidecarServer(
                Tunnels,
                SignIn.Methods(),
                Discovery.Methods(),
                new FakeCheck().Methods(),
                Reach.Methods(Tunnels),
                new(FakeAgentTools.Instance),
                "1.2.3",
                LogLevel,
                Parents.Add,
                time ?? TimeProvider.System,
                NullLogger<SidecarServer>.Instance
            );
        Running = Connection.RunAsync(Target, _stop.Token);
    }

    public LogLevelSwitch LogLevel { get; } = new(Microsoft.Extensions.Logging.LogLevel.Information);

    public List<int> Parents { get; } = [];

    public FakeTunnels Tunnels { get; }

    public IRpcTarget Target { get; }

    public JsonRpcConnection Connection { get; }

    public Task<ConnectionEnd> Running { get; }

    public PipeReader Output => _toClient.Reader;

    public static byte[] Frame(string json) =>
        [.. Encoding.ASCII.GetBytes($"Content-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n"), .. Encoding.UTF8.GetBytes(json)];

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => await _toServer.Writer.WriteAsync(bytes);

    public Task SendAsync(string json) => SendBytesAsync(Frame(json));

    public Task SendAsync(int id, string method, string? parameters = null) =>
        SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}"{{(parameters is null ? "" : $",\"params\":{parameters}")}}}""");

    public Task NotifyAsync(string method, string parameters) =>
        SendAsync($$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}}}""");

    public async Task<JsonNode> CallAsync(int id, string method, string? parameters = null)
    {
        await SendAsync(id, method, parameters);
        return await ReadAsync();
    }

    public async Task InitializeAsync()
    {
        var answer = await CallAsync(0, "initialize", """{"clientInfo":{"name":"test","version":"0"},"protocolVersion":2}""");
        Assert.Null(answer["error"]);
    }

    public async Task<JsonNode> ReadAsync() => await TryReadAsync() ?? throw new EndOfStreamException("The server closed its output.");

    public async Task<JsonNode?> TryReadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var header = new StringBuilder();
        var one = new byte[1];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _output.ReadAsync(one, patience.Token) == 0)
            {
                return header.Length == 0 ? null : throw new EndOfStreamException("The server closed its output within a header.");
            }

            header.Append((char)one[0]);
        }

        Assert.Matches(@"^Content-Length: \d+\r\n\r\n$", header.ToString());
        var content = new byte[int.Parse(header.ToString().Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)];
        await _output.ReadExactlyAsync(content, patience.Token);
        return JsonNode.Parse(content)!;
    }

    public async Task CloseInputAsync() => await _toServer.Writer.CompleteAsync();

    public async Task CloseOutputAsync() => await _toClient.Reader.CompleteAsync();

    public Task<ConnectionEnd> EndAsync() => Running.WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        await CloseInputAsync();
        await CloseOutputAsync();
        await Running.WaitAsync(Patience);
        _stop.Dispose();
    }
}

internal static class JsonAssert
{
    public static void IsError(JsonNode answer, int code, string name)
    {
        Assert.Equal(code, (int)answer["error"]!["code"]!);
        Assert.Equal(name, (string)answer["error"]!["data"]!["code"]!);
    }

    public static void Equal(string expected, JsonNode? actual) =>
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected), actual),
            $"expected {expected}\nactual   {actual?.ToJsonString(new JsonSerializerOptions())}"
        );
}
