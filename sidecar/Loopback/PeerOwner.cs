namespace RdsTunnel.Loopback;

/// <summary>Whose the other end of a loopback connection is.</summary>
public enum PeerOwner
{
    /// <summary>This system never tells.</summary>
    NotSupported,

    /// <summary>The system tells, but could not now.</summary>
    Unknown,

    /// <summary>No process has it open any more, or there is no such connection.</summary>
    None,

    /// <summary>The user of this process.</summary>
    Self,

    /// <summary>The administrator of a Unix system, when that is not the user of this process.</summary>
    Root,

    /// <summary>Another user.</summary>
    Other,

    /// <summary>The system does not let us see whose it is: another user's, or on Windows a program
    /// that runs with rights which this one does not have.</summary>
    Hidden,
}
