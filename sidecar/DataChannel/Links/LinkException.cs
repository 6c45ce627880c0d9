namespace RdsTunnel.DataChannels.Links;

/// <summary>The link is gone, or could not be opened. The message is a sentence.</summary>
internal sealed class LinkException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    public LinkFault Fault { get; init; }
}

/// <summary>Why there is no link. <see cref="LinkRetries"/> says what becomes of each.</summary>
internal enum LinkFault
{
    /// <summary>The service closed it for no fault of ours, or is too busy to open one: another one may do.</summary>
    Lost,

    /// <summary>The network cut it.</summary>
    Cut,

    /// <summary>There is no way to the service: name, address, proxy or TLS.</summary>
    Unreachable,

    /// <summary>The upgrade's signature, or the lack of one, was refused (401, 403).</summary>
    Forbidden,

    /// <summary>The upgrade was refused for another reason.</summary>
    UpgradeRefused,

    /// <summary>The websocket was opened, and closed for what this client had sent.</summary>
    Refused,

    /// <summary>The same, for the version that this client reports.</summary>
    VersionRefused,
}
