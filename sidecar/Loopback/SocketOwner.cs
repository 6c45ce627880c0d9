namespace RdsTunnel.Loopback;

/// <param name="UserId">With <see cref="SocketOwnerKind.User"/>.</param>
internal readonly record struct SocketOwner(SocketOwnerKind Kind, uint UserId = 0);

internal enum SocketOwnerKind
{
    /// <summary>This system never tells.</summary>
    NotSupported,
    /// <summary>The system tells, but could not now.</summary>
    Unknown,
    /// <summary>No process has it open any more, or there is no such socket.</summary>
    None,
    User,
}
