using RdsTunnel.Emulator.Faults;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Sessions;

/// <summary>Faults on demand of one session. Each takes effect at once. Thread-safe.</summary>
public sealed class SessionFaults
{
    private readonly EmulatedSession _session;
    private readonly Lock _gate = new();
    private volatile FaultInjector? _fromClient;
    private volatile FaultInjector? _fromNode;

    // Guarded by _gate.
    private Refusals _resumeRefusals;
    private Refusals _upgradeRefusals;
    private Refusals _openingRefusals;
    private int _messagesBeforeCut;
    private int _messagesUntilCut;
    private volatile int _cutsLeft;

    internal SessionFaults(EmulatedSession session) => _session = session;

    /// <summary>What the way from client to node does to messages from now on; null stops it.</summary>
    public void SetClientToNode(LinkFaults? faults) => _fromClient = CreateInjector(faults, RelaySide.Client);

    /// <summary>What the way from node to client does to messages from now on; null stops it.</summary>
    public void SetNodeToClient(LinkFaults? faults) => _fromNode = CreateInjector(faults, RelaySide.Node);

    /// <summary>Cuts the client's socket, without a closing handshake.</summary>
    public void CutClient() => _session.Relay.LinkOf(RelaySide.Client)?.Abort();

    /// <summary>Cuts the client's socket once <paramref name="messages"/> messages, both ways together, have gone through it; then that of
    /// its next connection, <paramref name="times"/> times in all.</summary>
    public void CutClientAfter(int messages, int times = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(messages);
        lock (_gate)
        {
            _messagesBeforeCut = _messagesUntilCut = messages;
            _cutsLeft = times;
        }
    }

    /// <summary>From now on the client's present socket stays open, but nothing is read from it and
    /// nothing written to it arrives.</summary>
    public void FreezeClient() => _session.Relay.LinkOf(RelaySide.Client)?.Freeze();

    /// <summary>The next ResumeSession calls fail.</summary>
    public void RefuseResume(int times = 1, string code = "ThrottlingException", int statusCode = 400) =>
        Set(ref _resumeRefusals, new Refusals(times, code, statusCode));

    /// <summary>The next attempts of a client to open its websocket get this status instead.</summary>
    public void RefuseUpgrade(int times = 1, int statusCode = 503) => Set(ref _upgradeRefusals, new Refusals(times, "", statusCode));

    /// <summary>The next websockets of a client are opened, and closed with this code when it has presented its token.</summary>
    public void RefuseOpening(int times = 1, int closeCode = 1008, string reason = "") =>
        Set(ref _openingRefusals, new Refusals(times, reason, closeCode));

    /// <summary>The service ends the session: both sides get channel_closed with this output.</summary>
    public void EndSession(string output = "") => _session.End(SessionEndReason.Fault, output);

    /// <summary>The agent stops dead, and nobody is told.</summary>
    public void KillAgent() => _session.KillAgent();

    /// <inheritdoc cref="KillAgent"/>
    /// <returns>Completes when it does nothing any more.</returns>
    public Task KillAgentAsync()
    {
        _session.KillAgent();
        return _session.AgentDead;
    }

    internal FaultInjector? Of(RelaySide from) => from == RelaySide.Client ? _fromClient : _fromNode;

    internal void ClientConnected()
    {
        lock (_gate)
        {
            _messagesUntilCut = _messagesBeforeCut;
        }
    }

    /// <summary>Counts a message that went through the client's connection; true when that was the last before a cut.</summary>
    internal bool CountsToCut()
    {
        if (_cutsLeft == 0)
        {
            return false;
        }

        lock (_gate)
        {
            if (_cutsLeft == 0 || _messagesUntilCut == 0 || --_messagesUntilCut > 0)
            {
                return false;
            }

            _cutsLeft--;
            return true;
        }
    }

    /// <exception cref="ServiceException">A refusal was waiting.</exception>
    internal void ThrowIfResumeRefused()
    {
        if (TryTake(ref _resumeRefusals, out var refusal))
        {
            throw new ServiceException(refusal.Code, "Injected fault", refusal.StatusCode);
        }
    }

    internal int? TakeUpgradeRefusal() => TryTake(ref _upgradeRefusals, out var refusal) ? refusal.StatusCode : null;

    internal (int CloseCode, string Reason)? TakeOpeningRefusal() =>
        TryTake(ref _openingRefusals, out var refusal) ? (refusal.StatusCode, refusal.Code) : null;

    private FaultInjector? CreateInjector(LinkFaults? faults, RelaySide from) =>
        faults is null ? null : new FaultInjector(faults, _session.TimeProvider, _session.RunInBackground, _session.Counters.Of(from).Lost);

    private void Set(ref Refusals field, Refusals value)
    {
        lock (_gate)
        {
            field = value;
        }
    }

    private bool TryTake(ref Refusals field, out Refusals taken)
    {
        lock (_gate)
        {
            taken = field;
            if (field.Times == 0)
            {
                return false;
            }

            field = field with { Times = field.Times - 1 };
            return true;
        }
    }

    private readonly record struct Refusals(int Times, string Code, int StatusCode);
}
