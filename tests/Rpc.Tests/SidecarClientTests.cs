using Microsoft.Extensions.Logging.Abstractions;
using Nerdbank.Streams;
using RdsTunnel.Aws;
using RdsTunnel.Diagnosis;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

/// <summary>Both sides of the contract in C#, over a pair of pipes.</summary>
public sealed class SidecarClientTests : IAsyncDisposable
{
    private static readonly OpenTunnelParams Open = new(5432, Target: "i-1", Host: "db");
    private static readonly InitializeParams Hello = new(new("test", "0"), RpcContract.ProtocolVersion);

    private readonly FakeTunnels _tunnels = new();
    private readonly FakeSignIn _signIn = new();
    private readonly JsonRpcConnection _connection;
    private readonly SidecarClient _client;
    private readonly Task<ConnectionEnd> _serving;

    public SidecarClientTests()
    {
        var (ours, theirs) = FullDuplexStream.CreatePipePair();
        _connection = new(theirs, TimeProvider.System, NullLogger<JsonRpcConnection>.Instance);
        _client = new(ours, NullLogger<SidecarClient>.Instance);
        _serving = _connection.RunAsync(
            new SidecarServer(
                _tunnels,
                _signIn.Methods(),
                new FakeDiscovery().Methods(),
                new FakeCheck().Methods(),
                new FakeReach().Methods(_tunnels),
                new(FakeAgentTools.Instance),
                "1.2.3",
                new(default),
                _ => { },
                TimeProvider.System,
                NullLogger<SidecarServer>.Instance
            ),
            CancellationToken.None
        );
    }

    [Fact]
    public async Task Call_Method_GivesItsResult()
    {
        Assert.Equal("1.2.3", (await _client.StartAsync(Hello, default)).ServerInfo.Version);
        var tunnel = await _client.CallAsync(RpcMethods.OpenTunnel, Open, default);
        Assert.Equal(("t1", TunnelState.Listening), (tunnel.Id, tunnel.State));
        Assert.Equal([tunnel], (await _client.CallAsync(RpcMethods.ListTunnels, Nothing.Instance, default)).Tunnels);
        Assert.Same(Nothing.Instance, await _client.CallAsync(RpcMethods.CloseTunnel, new(tunnel.Id), default));
    }

    [Fact]
    public async Task Call_ThatFails_IsTheErrorWithItsNameAndField()
    {
        await _client.StartAsync(Hello, default);
        var wrong = await Assert.ThrowsAsync<RpcException>(() => _client.CallAsync(RpcMethods.OpenTunnel, Open with { Port = 0 }, default));
        Assert.Equal((-32602, "InvalidParams", "port"), (wrong.Number, wrong.Name, wrong.Field));
        var missing = await Assert.ThrowsAsync<RpcException>(() => _client.CallAsync(RpcMethods.CloseTunnel, new("none"), default));
        Assert.Equal((1002, "NotFound"), (missing.Number, missing.Name));
    }

    [Fact]
    public async Task Call_WithProgress_GetsAllOfItBeforeTheAnswer()
    {
        await _client.StartAsync(Hello, default);
        var steps = new Reports<CheckStep>();
        var result = await _client.CallAsync(RpcMethods.CheckTunnel, new(Open), steps, default);
        Assert.Equal(result.Steps, steps.All);
        var databases = new Reports<DatabasesFound>();
        var found = await _client.CallAsync(RpcMethods.ListDatabases, new([new Scope()]), databases, default);
        Assert.Equal(found.Databases, databases.All.Sum(some => some.Databases.Count));
        Assert.Equal(AwsErrorCode.AccessDenied, databases.All[^1].Failure?.Code);
    }

    [Fact]
    public async Task Call_Cancelled_IsCancelledInTheSidecar()
    {
        await _client.StartAsync(Hello, default);
        _tunnels.Before = token => new TaskCompletionSource().Task.WaitAsync(token);
        using var cancellation = new CancellationTokenSource();
        var opening = _client.CallAsync(RpcMethods.OpenTunnel, Open, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(TestClient.Patience));
        Assert.Empty(_tunnels.Requests);
    }

    [Fact]
    public async Task Call_SidecarIsGone_Fails()
    {
        await _client.StartAsync(Hello, default);
        _tunnels.BeforeDispose = () => new TaskCompletionSource().Task;
        var shutdown = _client.CallAsync(RpcMethods.Shutdown, Nothing.Instance, default);
        _client.Dispose();
        await Assert.ThrowsAsync<RpcException>(() => shutdown.WaitAsync(TestClient.Patience));
    }

    [Fact]
    public async Task Sidecar_Asks_IsAnswered()
    {
        _client.Answer(ClientMethods.AskMfaCode, (asked, _) => Task.FromResult(new MfaCode($"{asked.Profile} {asked.SerialNumber}")));
        await _client.StartAsync(Hello, default);
        Assert.Equal(
            "dev serial",
            await new MfaRequests(() => _connection, TimeProvider.System).AskAsync("dev", "serial", default).WaitAsync(TestClient.Patience)
        );
    }

    [Fact]
    public async Task Sidecar_Notifies_IsHeardInOrder()
    {
        var heard = new List<string>();
        _client.On(ServerNotifications.StateChanged, changed => heard.Add(changed.Tunnel.Id));
        await _client.StartAsync(Hello, default);
        foreach (var id in new[] { "t1", "t2", "t3" })
        {
            _connection.Notify(
                "state",
                10,
                ServerNotifications.StateChanged,
                new(Tunnel.From(new(id, new() { Port = 1 }, null, 1, TunnelState.Open, null, null, FakeTunnels.NoTraffic)))
            );
        }

        await _client.CallAsync(RpcMethods.ListTunnels, Nothing.Instance, default);
        Assert.Equal(["t1", "t2", "t3"], heard);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _serving.WaitAsync(TestClient.Patience);
        await _tunnels.DisposeAsync();
    }

    private sealed class Reports<T> : IProgress<T>
    {
        public List<T> All { get; } = [];

        public void Report(T value) => All.Add(value);
    }
}
