namespace RdsTunnel.Tunnels.Sessions;

/// <summary>What a tunnel remembers of its signatures: where one was refused and the channel opened without, later channels go without at once.
/// Thread-safe.</summary>
internal sealed class ChannelSigning
{
    private volatile object? _refused;

    public bool IsRefusedFor(object identity) => identity.Equals(_refused);

    public void Refuse(object identity) => _refused = identity;

    /// <summary>Somebody has signed in, perhaps with a permission that was missing before: signatures are tried again.</summary>
    public void Forget() => _refused = null;
}
