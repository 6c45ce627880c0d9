using System.Net.WebSockets;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Sessions;

/// <summary>Carries the messages of one session between its client and its node. Thread-safe.</summary>
/// <remarks>As at the real service, a message for a side that is away is lost: each side repairs that by sending again.</remarks>
internal sealed class DataChannelRelay(ServiceMessages messages, SessionCounters counters, SessionFaults faults)
{
    private readonly Lock _gate = new();
    private readonly Side _client = new();
    private readonly Side _node = new();

    private readonly TaskCompletionSource _firstClient = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guarded by _gate.
    private string? _endedWithOutput;

    /// <summary>Completes when a client has connected for the first time.</summary>
    public Task FirstClient => _firstClient.Task;

    /// <summary>Called for each data message that a side sends: what keeps a session from idling out.</summary>
    public required Action DataSeen { get; init; }

    public bool IsAttached(RelaySide side) => Of(side).Link is not null;

    /// <summary>Makes <paramref name="link"/> its side's connection, in place of an older one.</summary>
    public void Attach(RelaySide side, RelayLink link)
    {
        RelayLink? replaced;
        lock (_gate)
        {
            if (_endedWithOutput is not null)
            {
                Close(link, _endedWithOutput);
                return;
            }

            var self = Of(side);
            var peer = PeerOf(self);
            replaced = self.Link;
            self.Link = link;
            self.WasAttached = true;
            self.IsPaused = false;
            if (side == RelaySide.Client)
            {
                counters.ClientConnections++;
                faults.ClientConnected();
                _firstClient.TrySetResult();
            }

            if (peer.Link is null)
            {
                // A client that is there before its node is not told: no node has gone.
                if (side == RelaySide.Node || peer.WasAttached)
                {
                    Pause(self);
                }
            }
            else if (peer.IsPaused)
            {
                peer.IsPaused = false;
                peer.Link.Post(messages.StartPublication());
            }
        }

        replaced?.Close(WebSocketCloseStatus.NormalClosure, "Replaced by a newer connection");
    }

    /// <summary>The link's connection is gone.</summary>
    public void Detach(RelaySide side, RelayLink link)
    {
        lock (_gate)
        {
            var self = Of(side);
            if (self.Link != link)
            {
                return;
            }

            self.Link = null;
            var peer = PeerOf(self);
            if (peer.Link is not null && _endedWithOutput is null)
            {
                Pause(peer);
            }
        }
    }

    /// <summary>Carries a message from one side to the other, waiting while the other's queue is full. Takes the message over.</summary>
    public ValueTask ForwardAsync(RelaySide from, RelayMessage message)
    {
        var kind = MessageKinds.Of(message.Span);
        if (kind == MessageKind.StreamData)
        {
            DataSeen();
        }

        counters.Of(from).Received(kind, message.Length);
        if (kind == MessageKind.AgentSessionState)
        {
            message.Release();
            return ValueTask.CompletedTask;
        }

        return faults.Of(from) is { } injector
            ? injector.ApplyAsync(message, kind, delivered => DeliverAsync(from, delivered))
            : DeliverAsync(from, message);
    }

    /// <summary>Tells both sides that the session is over and why, and closes their connections.</summary>
    public void End(string output)
    {
        lock (_gate)
        {
            _endedWithOutput = output;
            Close(_client.Link, output);
            Close(_node.Link, output);
        }
    }

    /// <summary>The connection that <paramref name="side"/> has now, if any.</summary>
    public RelayLink? LinkOf(RelaySide side) => Of(side).Link;

    private async ValueTask DeliverAsync(RelaySide from, RelayMessage message)
    {
        if (PeerOf(Of(from)).Link is not { } link)
        {
            message.Release();
            counters.Of(from).Lost();
            return;
        }

        if (await link.SendAsync(message).ConfigureAwait(false))
        {
            counters.Of(from).Delivered();
        }
        else
        {
            counters.Of(from).Lost();
        }

        if (faults.CountsToCut())
        {
            _client.Link?.Abort();
        }
    }

    private void Close(RelayLink? link, string output)
    {
        link?.Post(messages.ChannelClosed(output));
        link?.Close(WebSocketCloseStatus.NormalClosure, "Session is over");
    }

    private void Pause(Side side)
    {
        side.IsPaused = true;
        side.Link?.Post(messages.PausePublication());
    }

    private Side Of(RelaySide side) => side == RelaySide.Client ? _client : _node;

    private Side PeerOf(Side side) => side == _client ? _node : _client;

    // Written under _gate; Link is read without it on the way of each message.
    private sealed class Side
    {
        private volatile RelayLink? _link;

        public RelayLink? Link
        {
            get => _link;
            set => _link = value;
        }

        public bool WasAttached { get; set; }

        public bool IsPaused { get; set; }
    }
}
