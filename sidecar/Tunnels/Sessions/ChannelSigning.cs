namespace RdsTunnel.Tunnels.Sessions;

/// <summary>What a tunnel remembers of its signatures: where one was refused and the channel opened
/// without, later channels go without at once.
/// Thread-safe.</summary>
internal sealed class ChannelSigning
{
    private volatile object? _refused;

    public bool IsRefusedFor(object identity) => identity.Equals(_refused);

    public void Refuse(object identity) => _refused = identity;

    /// <summary>Signatures are tried again: somebody has signed in, perhaps with a permission that
    /// was missing before, or nothing opens without one any more.</summary>
    public void Forget() => _refused = null;
}
