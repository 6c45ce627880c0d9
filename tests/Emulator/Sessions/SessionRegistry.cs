using System.Collections.Concurrent;

namespace RdsTunnel.Emulator.Sessions;

/// <summary>All sessions ever started, in the order of their start. Thread-safe.</summary>
internal sealed class SessionRegistry : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, EmulatedSession> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<EmulatedSession> _all = new();

    public IReadOnlyList<EmulatedSession> All => [.. _all];

    public EmulatedSession? Find(string? id) => id is not null && _byId.TryGetValue(id, out var session) ? session : null;

    public void Add(EmulatedSession session)
    {
        _byId[session.Id] = session;
        _all.Enqueue(session);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _all)
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }
}
