using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Rpc;
using RdsTunnel.Sharing;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

/// <summary>Windows that share their tunnels, each with its own holder of ports, in one process.</summary>
[UnsupportedOSPlatform("windows")] // where there are no modes of files
public sealed class SharedTunnelsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = Hang.Limit;

    private readonly string _root = Directory.CreateTempSubdirectory("rds-tunnel-sharing-").FullName;
    private readonly List<Window> _windows = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var window in _windows)
        {
            await window.Tunnels.DisposeAsync().AsTask().WaitAsync(Patience);
            await window.Tunnels.StopAsync().WaitAsync(Patience);
            await window.Own.DisposeAsync();
            window.Dispose();
        }

        Directory.Delete(_root, recursive: true);
    }

    [UnixFact]
    public async Task Open_PortThatAnotherWindowHolds_IsShared()
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        var joined = await second.OpenAsync(Request(held.LocalPort) with { Name = "ours" });
        Assert.Equal((held.LocalPort, "ours", 2), (joined.LocalPort, joined.Name, joined.Windows));
        Assert.Empty(second.Own.List());
        await first.SeesAsync(info => info.Windows == 2);
    }

    [UnixFact]
    public async Task StateAndNumbers_OfASharedTunnel_AreTheSameEverywhere()
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        await second.OpenAsync(Request(held.LocalPort));
        first.Own.Set(info => info with { State = TunnelState.Open, Statistics = info.Statistics with { BytesUp = 7 } });
        await second.SeesAsync(info => info.State == TunnelState.Open);
        await UntilAsync(() => second.Tunnels.List().Single().Statistics.BytesUp == 7);
    }

    [UnixFact]
    public async Task WarmUp_OfAJoinedTunnel_IsItsHolders()
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        await second.OpenAsync(Request(held.LocalPort) with { OpenNow = true });
        Assert.Equal(1, first.Own.WarmUps);
    }

    [UnixFact]
    public async Task Close_InTheWindowThatHolds_GoesOnForTheOther()
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        var joined = await second.OpenAsync(Request(held.LocalPort));
        await first.Tunnels.CloseAsync(held.Id, default);
        Assert.Empty(first.Tunnels.List());
        Assert.Equal(TunnelState.Closed, first.Told.Last().State);
        Assert.Single(first.Own.List());
        Assert.Equal(1, first.Tunnels.UsedByOthers);
        await second.Tunnels.CloseAsync(joined.Id, default);
        await first.Tunnels.Unused.WaitAsync(Patience);
        Assert.Empty(first.Own.List());
        Assert.Equal(0, first.Tunnels.UsedByOthers);
    }

    [UnixTheory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task HandOver_OnceNoConnectionRunsThroughATunnel_GivesItToTheOther(int connections)
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        var joined = await second.OpenAsync(Request(held.LocalPort));
        first.Own.Set(info => info with { Statistics = info.Statistics with { ConnectionsNow = connections } });
        await first.Tunnels.DisposeAsync();
        var handing = first.Tunnels.HandOverAsync(default);
        if (connections > 0)
        {
            var looks = first.Own.Looks;
            await UntilAsync(() => first.Own.Looks > looks + 1); // it has seen the connection
            Assert.Single(first.Own.List());
            first.Own.Set(info => info with { Statistics = info.Statistics with { ConnectionsNow = 0 } });
        }

        await handing.WaitAsync(Patience);
        Assert.Empty(first.Own.List());
        await UntilAsync(() =>
            second.Own.List().SingleOrDefault()?.LocalPort == held.LocalPort
            && second.Tunnels.List().Single() is { Windows: 1, Fault: null }
        );
        Assert.Equal(joined.Id, second.Tunnels.List().Single().Id);
    }

    [UnixFact]
    public async Task Holder_ThatIsGone_IsReplacedByOneOfTheOthers()
    {
        var (first, second, third) = (Open(), Open(), Open());
        var held = await first.OpenAsync(Request());
        var joined = await second.OpenAsync(Request(held.LocalPort));
        await third.OpenAsync(Request(held.LocalPort));
        await first.Tunnels.StopAsync();
        await first.Own.DisposeAsync();
        await UntilAsync(() =>
            second.Own.List().Count + third.Own.List().Count == 1
            && second.Tunnels.List().Single().Windows == 2
            && third.Tunnels.List().Single().Windows == 2
        );
        Assert.Equal((joined.Id, held.LocalPort), (second.Tunnels.List().Single().Id, second.Tunnels.List().Single().LocalPort));
        Assert.DoesNotContain(second.Told, info => info.State == TunnelState.Closed);
    }

    [UnixFact]
    public async Task Holder_WhosePortAnotherProgramTakes_LeavesAFaultThatSaysSo()
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        await second.OpenAsync(Request(held.LocalPort));
        second.Own.Refusal = new TunnelException(TunnelErrorCode.LocalPortInUse, "In use by nc.");
        await first.Tunnels.StopAsync();
        await first.Own.DisposeAsync();
        await second.SeesAsync(info => info is { State: TunnelState.Faulted, Fault.Message: "In use by nc." });
        second.Own.Refusal = null;
        await second.SeesAsync(info => info is { State: TunnelState.Listening, Fault: null });
    }

    [UnixFact]
    public async Task PersonWhoHelped_AtAnyWindow_LetsTheTunnelGoOn()
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        await second.OpenAsync(Request(held.LocalPort));
        first.Own.Set(info => info with { State = TunnelState.NeedsSignIn });
        await second.SeesAsync(info => info.State == TunnelState.NeedsSignIn);
        second.Tunnels.OnPersonHelped();
        await UntilAsync(() => first.Own.WarmUps == 1);
    }

    [UnixFact]
    public async Task MfaQuestion_OfAHolderWithoutAWindow_IsAskedAtAnother()
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        await second.OpenAsync(Request(held.LocalPort));
        await UntilAsync(() => first.Tunnels.Peer is not null);
        var answer = await first.Tunnels.Peer!.CallAsync(ClientMethods.AskMfaCode, new("dev", "serial"), default).WaitAsync(Patience);
        Assert.Equal("dev serial", answer.Code);
    }

    [UnixTheory]
    [InlineData("database")]
    [InlineData("profile, region or endpoint")]
    [InlineData("jump host")]
    [InlineData("session document")]
    [InlineData("reason")]
    public async Task Open_AnotherTunnelOnThatPort_IsRefusedAndSaysWhatDiffers(string difference)
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        var request = Request(held.LocalPort);
        var another = difference switch
        {
            "database" => request with { Host = "another" },
            "profile, region or endpoint" => request with { Scope = new("another") },
            "jump host" => request with { Target = "i-0123456789abcdef1" },
            "session document" => request with { Document = "another" },
            _ => request with { Reason = "another" },
        };
        var refusal = await Assert.ThrowsAsync<TunnelException>(() => second.OpenAsync(another));
        Assert.Equal(TunnelErrorCode.LocalPortInUse, refusal.Code);
        Assert.Contains($"another {difference}", refusal.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Open_InAnotherEnvironment_IsRefused()
    {
        var (first, second) = (Open(), Open("another"));
        var held = await first.OpenAsync(Request());
        var refusal = await Assert.ThrowsAsync<TunnelException>(() => second.OpenAsync(Request(held.LocalPort)));
        Assert.Contains("another environment", refusal.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task Open_WhereAKilledProcessHasLeftItsPipe_Listens()
    {
        var (first, second) = (Open(), Open());
        var held = await first.OpenAsync(Request());
        await first.Tunnels.StopAsync();
        await first.Own.DisposeAsync();
        var pipe = Path.Combine(Directory.GetDirectories(Path.Combine(_root, "rds-tunnel")).Single(), $"{held.LocalPort}");
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(pipe));
            File.Move(pipe, pipe + "x"); // which survives the end of the socket
        }

        File.Move(pipe + "x", pipe);
        Assert.Equal(held.LocalPort, (await second.OpenAsync(Request(held.LocalPort))).LocalPort);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(pipe));
        Assert.Equal(held.LocalPort, (await Open().OpenAsync(Request(held.LocalPort))).LocalPort);
    }

    [UnixFact]
    public void MeetingPlace_ThatOthersMayUse_IsNone()
    {
        MeetingPlace.In(_root);
        var folder = Directory.GetDirectories(Path.Combine(_root, "rds-tunnel")).Single();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        Assert.Throws<IOException>(() => MeetingPlace.In(_root));
        Assert.Throws<IOException>(() => MeetingPlace.In(Path.Combine(_root, new string('x', 100))));
    }

    [UnixFact]
    public async Task Peer_ThatSpeaksOutOfTurn_OrAnotherVersion_IsRefused()
    {
        var first = Open();
        var held = await first.OpenAsync(Request());
        using var early = new SidecarClient(
            new PipeTransport((await MeetingPlace.In(_root).ConnectAsync(held.LocalPort, default))!),
            NullLogger<SidecarClient>.Instance
        );
        Assert.Equal(
            "ProtocolVersionMismatch",
            (await Assert.ThrowsAsync<RpcException>(() => early.StartAsync(new(new("x", "1"), 1), default))).Name
        );
        Assert.Equal(
            "InvalidRequest",
            (await Assert.ThrowsAsync<RpcException>(() => early.CallAsync(RpcMethods.WarmUpTunnel, new(held.Id), default))).Name
        );
        Assert.Equal(
            "InvalidRequest",
            (await Assert.ThrowsAsync<RpcException>(() => early.CallAsync(RpcMethods.ListProfiles, Nothing.Instance, default))).Name
        );
        Assert.Equal(1, first.Tunnels.List().Single().Windows);
    }

    [Fact]
    public void Digest_OfTheEnvironment_DependsOnWhatDecidesOnCredentialsAndNetwork()
    {
        Dictionary<string, string> environment = new() { ["AWS_PROFILE"] = "a", ["PATH"] = "/bin" };
        string With(string name, string value) => SharingIdentity.Digest(new Dictionary<string, string>(environment) { [name] = value });
        var before = SharingIdentity.Digest(environment);
        Assert.Equal(before, With("PATH", "/usr/bin"));
        Assert.Equal(before, With("LANG", "C"));
        Assert.All(
            ["AWS_PROFILE", "HTTPS_PROXY", "no_proxy", "HOME", "RDS_TUNNEL_NAME_SERVERS", "SSL_CERT_FILE"],
            name => Assert.NotEqual(before, With(name, "another"))
        );
    }

    private static TunnelRequest Request(int localPort = 0) =>
        new()
        {
            Host = "db",
            Port = 5432,
            Target = "i-0123456789abcdef0",
            LocalPort = localPort,
        };

    /// <summary>For what nobody tells of.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var end = Environment.TickCount64 + Patience.TotalMilliseconds; !condition(); )
        {
            Assert.True(Environment.TickCount64 < end);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    private Window Open(string environment = "same")
    {
        var window = new Window(MeetingPlace.In(_root), environment);
        _windows.Add(window);
        return window;
    }

    private sealed class Window : IDisposable
    {
        private readonly SemaphoreSlim _told = new(0);

        public Window(MeetingPlace place, string environment)
        {
            Tunnels = new SharedTunnels(
                Own,
                place,
                new("1", environment),
                (parameters, _) => Task.FromResult(new MfaCode($"{parameters.Profile} {parameters.SerialNumber}")),
                TimeProvider.System,
                NullLoggerFactory.Instance
            );
            Tunnels.StateChanged += info =>
            {
                Told.Enqueue(info);
                _told.Release();
            };
        }

        public Ports Own { get; } = new();

        public SharedTunnels Tunnels { get; }

        public ConcurrentQueue<TunnelInfo> Told { get; } = new();

        public void Dispose() => _told.Dispose();

        public Task<TunnelInfo> OpenAsync(TunnelRequest request) => Tunnels.OpenAsync(request, default).WaitAsync(Patience);

        public async Task SeesAsync(Func<TunnelInfo, bool> state)
        {
            while (!state(Told.LastOrDefault() ?? Tunnels.List().Single()))
            {
                Assert.True(await _told.WaitAsync(Patience));
            }
        }
    }

    /// <summary>Tunnels that bind ports, and carry nothing.</summary>
    private sealed class Ports : ITunnels
    {
        private readonly ConcurrentDictionary<string, (TunnelInfo Info, Socket Listener)> _open = new();
        private int _last;

        public event Action<TunnelInfo>? StateChanged;

        public int WarmUps { get; private set; }

        public Exception? Refusal { get; set; }

        public void Set(Func<TunnelInfo, TunnelInfo> change)
        {
            var (id, (info, listener)) = _open.Single();
            _open[id] = (change(info), listener);
            StateChanged?.Invoke(change(info));
        }

        public Task<TunnelInfo> OpenAsync(TunnelRequest request, CancellationToken cancellationToken)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (Refusal is not null)
                {
                    throw Refusal;
                }

                listener.Bind(new IPEndPoint(IPAddress.Loopback, request.LocalPort));
                listener.Listen();
            }
            catch (Exception e)
            {
                listener.Dispose();
                throw e as TunnelException ?? new TunnelException(TunnelErrorCode.LocalPortInUse, "In use.");
            }

            var info = new TunnelInfo(
                $"own-{Interlocked.Increment(ref _last)}",
                request,
                null,
                ((IPEndPoint)listener.LocalEndPoint!).Port,
                TunnelState.Listening,
                null,
                null,
                new(0, 0, 0, 0, null, 0, 0, 0, 0)
            );
            _open[info.Id] = (info, listener);
            return Task.FromResult(info);
        }

        public Task WarmUpAsync(string tunnelId, CancellationToken cancellationToken)
        {
            WarmUps++;
            return Task.CompletedTask;
        }

        public Task CloseAsync(string tunnelId, CancellationToken cancellationToken)
        {
            return TryClose(tunnelId) ? Task.CompletedTask : throw TunnelException.NoSuchTunnel(tunnelId);
        }

        private bool TryClose(string tunnelId)
        {
            if (!_open.TryRemove(tunnelId, out var tunnel))
            {
                return false;
            }

            tunnel.Listener.Dispose();
            StateChanged?.Invoke(tunnel.Info with { State = TunnelState.Closed });
            return true;
        }

        public int Looks { get; private set; }

        public IReadOnlyList<TunnelInfo> List()
        {
            Looks++;
            return Now();
        }

        private TunnelInfo[] Now() => [.. _open.Values.Select(tunnel => tunnel.Info)];

        public ValueTask DisposeAsync()
        {
            foreach (var id in _open.Keys)
            {
                TryClose(id); // a window may be closing it, too
            }

            return ValueTask.CompletedTask;
        }
    }
}
