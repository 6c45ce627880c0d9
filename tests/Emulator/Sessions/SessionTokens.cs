using System.Security.Cryptography;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Sessions;

/// <summary>The tokens that open a session's data channel: one for each side, each good for one
/// connection. A new one voids the one before. Thread-safe.</summary>
internal sealed class SessionTokens
{
    private const int TokenBytes = 96;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private string? _client;
    private string? _node;

    public string Issue(RelaySide side)
    {
        var token = Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (_gate)
        {
            Of(side) = token;
        }

        return token;
    }

    public bool TryRedeem(RelaySide side, string? token)
    {
        lock (_gate)
        {
            if (token is null || Of(side) != token)
            {
                return false;
            }

            Of(side) = null;
            return true;
        }
    }

    private ref string? Of(RelaySide side)
    {
        if (side == RelaySide.Client)
        {
            return ref _client;
        }

        return ref _node;
    }
}
