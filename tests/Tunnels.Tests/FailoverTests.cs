using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A cluster has another writer: connections to the former one are wrong, and only AWS knows.</summary>
public sealed class FailoverTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeWriters _writers = new("orders-1");

    [Fact]
    public async Task Database_EndsOneConnectionAndAnotherInstanceIsWriter_TheOthersAreResetWithTheReason()
    {
        await using var server = EndingOnDemand();
        await using var stack = await Stack.StartAsync(tunnelTime: _time, writers: _writers);
        var tunnel = await stack.OpenAsync(server.Port);
        using var ended = await AnsweredAsync(tunnel);
        await stack.UntilAsync(info => info.Writer == "orders-1");
        using var left = await AnsweredAsync(tunnel);

        _writers.Writer = "orders-2";
        await ended.SendAsync("!"u8.ToArray());
        Assert.Equal(0, await ended.ReceiveAsync(new byte[1]));
        await PassUntilAsync(stack, info => info.LastReset is not null);

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(left, 1));
        Assert.Equal(TunnelErrorCode.WriterChanged, stack.Tunnel.LastReset?.Code);
        Assert.Contains("orders-2", stack.Tunnel.LastReset?.Message, StringComparison.Ordinal);
        Assert.Equal("orders-2", stack.Tunnel.Writer);
        using var again = await AnsweredAsync(tunnel);
    }

    [Fact]
    public async Task Failover_AwsTellsItLate_TheConnectionMadeInTheMeantimeIsResetToo()
    {
        await using var server = EndingOnDemand();
        await using var stack = await Stack.StartAsync(tunnelTime: _time, writers: _writers);
        var tunnel = await stack.OpenAsync(server.Port);
        using var ended = await AnsweredAsync(tunnel);
        await stack.UntilAsync(info => info.Writer == "orders-1");

        await ended.SendAsync("!"u8.ToArray());
        Assert.Equal(0, await ended.ReceiveAsync(new byte[1]));
        await PassUntilAsync(stack, _ => _writers.Questions == 2);
        using var tooEarly = await AnsweredAsync(tunnel);
        _writers.Writer = "orders-2";
        await PassUntilAsync(stack, info => info.LastReset is not null);

        await Assert.ThrowsAsync<SocketException>(() => Bytes.ReceiveAsync(tooEarly, 1));
    }

    [Fact]
    public async Task Failover_NothingWasConnected_TheNextConnectionIsLeftAlone()
    {
        await using var server = EndingOnDemand();
        await using var stack = await Stack.StartAsync(tunnelTime: _time, writers: _writers);
        var tunnel = await stack.OpenAsync(server.Port);
        using (await AnsweredAsync(tunnel))
        {
            await stack.UntilAsync(info => info.Writer == "orders-1");
        }

        await stack.UntilAsync(info => info.Statistics.ConnectionsNow == 0);
        _writers.Writer = "orders-2";
        _time.Advance(TimeSpan.FromHours(8));
        using var next = await AnsweredAsync(tunnel);
        await PassUntilAsync(stack, info => info.Writer == "orders-2");

        Assert.Null(stack.Tunnel.LastReset);
        await next.SendAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await Bytes.ReceiveAsync(next, 1));
    }

    [Fact]
    public async Task Database_EndsConnectionAfterConnection_AtMostOneQuestionInTenSeconds()
    {
        await using var server = EndingOnDemand();
        await using var stack = await Stack.StartAsync(tunnelTime: _time, writers: _writers);
        var tunnel = await stack.OpenAsync(server.Port);
        using var staying = await AnsweredAsync(tunnel);
        await stack.UntilAsync(info => info.Writer == "orders-1");
        for (var i = 0; i < 20; i++)
        {
            using var ended = await AnsweredAsync(tunnel);
            await ended.SendAsync("!"u8.ToArray());
            Assert.Equal(0, await ended.ReceiveAsync(new byte[1]));
        }

        Assert.Equal(1, _writers.Questions);
        await PassUntilAsync(stack, _ => _writers.Questions == 2);
        Assert.Null(stack.Tunnel.LastReset);
    }

    [Fact]
    public async Task Writer_CannotBeFoundOut_NothingIsReset()
    {
        _writers.Writer = null;
        await using var server = EndingOnDemand();
        await using var stack = await Stack.StartAsync(tunnelTime: _time, writers: _writers);
        var tunnel = await stack.OpenAsync(server.Port);
        using var ended = await AnsweredAsync(tunnel);
        using var left = await AnsweredAsync(tunnel);

        await ended.SendAsync("!"u8.ToArray());
        Assert.Equal(0, await ended.ReceiveAsync(new byte[1]));
        await PassUntilAsync(stack, _ => _writers.Questions >= 3);

        await left.SendAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await Bytes.ReceiveAsync(left, 1));
        Assert.Null(stack.Tunnel.Writer);
    }

    private static async Task<Socket> AnsweredAsync(TunnelInfo tunnel)
    {
        var socket = await Stack.ConnectAsync(tunnel.LocalPort);
        await socket.SendAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await Bytes.ReceiveAsync(socket, 1));
        return socket;
    }

    // Echoes; ends what sends "!".
    private static TargetServer EndingOnDemand() =>
        new(async socket =>
        {
            var buffer = new byte[1];
            while (await socket.ReceiveAsync(buffer) == 1 && buffer[0] != (byte)'!')
            {
                await Bytes.SendAllAsync(socket, buffer);
            }
        });

    // Second by second: a question that is put off begins its wait whenever it gets to run.
    private Task PassUntilAsync(Stack stack, Func<TunnelInfo, bool> condition) =>
        stack.UntilAsync(info =>
        {
            if (condition(info))
            {
                return true;
            }

            _time.Advance(TimeSpan.FromMilliseconds(100));
            return false;
        });

    private sealed class FakeWriters(string? writer) : IWriters
    {
        private volatile string? _writer = writer;
        private int _questions;

        public string? Writer
        {
            get => _writer;
            set => _writer = value;
        }

        public int Questions => Volatile.Read(ref _questions);

        public FindWriter? QuestionFor(TunnelRequest request) =>
            _ =>
            {
                Interlocked.Increment(ref _questions);
                return Task.FromResult(Writer);
            };
    }
}
