using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Agents;
using RdsTunnel.Programs;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

public sealed class AgentTunnelsTests : IAsyncDisposable
{
    private static readonly TunnelRequest Request = new() { Host = "orders.example.com", Port = 5432 };

    private readonly FakeTunnels _tunnels = new();
    private readonly ChannelLog _log = new();
    private readonly AgentTunnels _agents;

    public AgentTunnelsTests() =>
        _agents = new(_tunnels, new NothingToWaitFor(), _log, TimeProvider.System, NullLogger<AgentTunnels>.Instance);

    public ValueTask DisposeAsync() => _tunnels.DisposeAsync();

    [Fact]
    public async Task Closed_ByAPerson_IsForgottenWrittenDownAndMakesRoom()
    {
        using var stop = new CancellationTokenSource();
        var following = _agents.FollowAsync(stop.Token);
        for (var i = 0; i < 2 * AgentTunnels.MaxTunnels; i++)
        {
            var tunnel = await OpenAsync();
            await _tunnels.CloseAsync(tunnel.Opened.Id, CancellationToken.None);
            Assert.Empty(_agents.List());
            Assert.Equal(AgentErrorCode.NotFound, (await CloseAsync(tunnel)).Code);
            foreach (var kind in new[] { AgentActionKind.Opening, AgentActionKind.Opened, AgentActionKind.Closed })
            {
                Assert.Equal(kind, (await _log.NextAsync()).Action);
            }
        }

        await stop.CancelAsync();
        await following;
    }

    [Fact]
    public async Task FindSame_OtherReason_IsTheSameTunnel_OtherDatabaseIsNot()
    {
        var tunnel = await OpenAsync();
        Assert.Equal(tunnel.Opened.Id, _agents.FindSame(Request with { Reason = "agent: another" })?.Now.Id);
        Assert.Null(_agents.FindSame(Request with { Port = 3306 }));
    }

    [Fact]
    public async Task Closed_ByTheAgent_IsWrittenDownOnce()
    {
        using var stop = new CancellationTokenSource();
        var following = _agents.FollowAsync(stop.Token);
        await _agents.CloseAsync((await OpenAsync()).Opened.Id, CancellationToken.None);
        await stop.CancelAsync();
        await following;
        await _agents.EndAsync();
        Assert.Equal([AgentActionKind.Opening, AgentActionKind.Opened, AgentActionKind.Closed], _log.Written());
    }

    [Fact]
    public async Task Closed_ByTheAgentThatDoesNotWait_IsWrittenDown()
    {
        var tunnel = await OpenAsync();
        var closing = _tunnels.ClosesLater = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gone = new CancellationTokenSource();
        var close = _agents.CloseAsync(tunnel.Opened.Id, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => close);
        closing.SetResult();
        foreach (var kind in new[] { AgentActionKind.Opening, AgentActionKind.Opened, AgentActionKind.Closed })
        {
            Assert.Equal(kind, (await _log.NextAsync().WaitAsync(SidecarProcess.Patience)).Action);
        }
    }

    [Fact]
    public async Task Closed_WhileNobodyFollows_IsWrittenDownAtTheEnd()
    {
        await OpenAsync();
        await _agents.EndAsync();
        Assert.Equal([AgentActionKind.Opening, AgentActionKind.Opened, AgentActionKind.Closed], _log.Written());
    }

    [Fact]
    public async Task Open_ClosedBeforeItIsKnown_MakesRoom()
    {
        _tunnels.ClosesAtOnce = true;
        for (var i = 0; i < 2 * AgentTunnels.MaxTunnels; i++)
        {
            await OpenAsync();
            Assert.Empty(_agents.List());
        }
    }

    private Task<AgentTunnel> OpenAsync() =>
        _agents.OpenAsync(Request, new(AgentActionKind.Opening, "chat"), null, null, _ => Task.CompletedTask, CancellationToken.None);

    private Task<AgentException> CloseAsync(AgentTunnel tunnel) =>
        Assert.ThrowsAsync<AgentException>(() => _agents.CloseAsync(tunnel.Opened.Id, CancellationToken.None));

    private sealed class FakeTunnels : ITunnels
    {
        private readonly Dictionary<string, TunnelInfo> _open = [];
        private int _lastId;

        public event Action<TunnelInfo>? StateChanged;

        public bool ClosesAtOnce { get; set; }

        public Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken)
        {
            var info = new TunnelInfo(
                $"tunnel-{++_lastId}",
                request with
                {
                    LocalPort = 15432,
                },
                null,
                15432,
                TunnelState.Open,
                null,
                null,
                new(0, 0, 0, 0, null, 0, 0, 0, 0)
            );
            if (!ClosesAtOnce)
            {
                _open[info.Id] = info;
            }

            return Task.FromResult(info);
        }

        public Task WarmUpAsync(string tunnelId, CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Until when closing takes; null for no time.</summary>
        public TaskCompletionSource? ClosesLater { get; set; }

        public async Task CloseAsync(string tunnelId, CancellationToken cancellationToken)
        {
            if (!_open.Remove(tunnelId, out var info))
            {
                throw TunnelException.NoSuchTunnel(tunnelId);
            }

            await (ClosesLater?.Task ?? Task.CompletedTask);
            StateChanged?.Invoke(info with { State = TunnelState.Closed });
        }

        public IReadOnlyList<TunnelInfo> List() => [.. _open.Values];

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class NothingToWaitFor : IDatabaseReach
    {
        public Task<ReachedDatabase> WaitAsync(
            TunnelInfo tunnel,
            WantedDatabase wanted,
            TimeSpan patience,
            CancellationToken cancellationToken
        ) => Task.FromResult(Describe(tunnel, wanted, offersTls: true));

        public ReachedDatabase Describe(TunnelInfo tunnel, WantedDatabase wanted, bool offersTls) =>
            new(DatabaseKind.Postgres, tunnel.LocalPort, wanted.User, wanted.Database, false, offersTls, "/bundle.pem");
    }

    private sealed class ChannelLog : IAgentLog
    {
        private readonly Channel<AgentAction> _actions = Channel.CreateUnbounded<AgentAction>();

        public async Task<AgentAction> NextAsync() => await _actions.Reader.ReadAsync();

        public AgentActionKind[] Written()
        {
            var written = new List<AgentActionKind>();
            while (_actions.Reader.TryRead(out var action))
            {
                written.Add(action.Action);
            }

            return [.. written];
        }

        public async Task WriteAsync(AgentAction action, CancellationToken cancellationToken) =>
            await _actions.Writer.WriteAsync(action, cancellationToken);
    }
}
