namespace RdsTunnel.DataChannels.Links;

/// <summary>Decides what becomes of a channel that has lost its link, or got none: another attempt
/// after a while, or the end with its reason. Not thread-safe.</summary>
/// <remarks>
/// Before the handshake is over somebody waits, and nothing is lost yet: after a few attempts the
/// reason is worth more than one more. Later, attempts go on
/// for as long as it takes, because networks and laptops are away for hours; only the service's refusal of this client ends them.
/// </remarks>
internal sealed class LinkRetries(string clientVersion)
{
    /// <summary>Links before the handshake, opened or not: a service that restarts closes one or two.</summary>
    private const int MaxLinksBeforeHandshake = 3;

    /// <summary>Refusals in a row. The first may be the token's, which is good for once and for a
    /// short time; the second was of a new one.</summary>
    private const int MaxRefusals = 2;

    /// <summary>A link that was opened shows that the way is there again: no reason to stay away
    /// for long, even if it was cut before anything came.</summary>
    private const int MaxDoublingsAfterCut = 2;

    private int _attempts;
    private int _linksBeforeHandshake;
    private int _refusals;

    /// <summary>The next wait is as short as the first.</summary>
    public void BeginAnew() => _attempts = 0;

    /// <summary>How long to wait before the next attempt.</summary>
    /// <param name="failure">Why there is no link: a <see cref="LinkException"/>, or what the session says.</param>
    /// <param name="wasUseful">Something arrived over the link.</param>
    /// <param name="isHandshakeOver">The channel has been open.</param>
    /// <exception cref="DataChannelException">There is no next attempt.</exception>
    public TimeSpan WaitAfter(Exception failure, bool wasUseful, bool isHandshakeOver)
    {
        var fault = (failure as LinkException)?.Fault ?? LinkFault.Lost;
        var isRefusal = fault is LinkFault.Refused or LinkFault.VersionRefused || (fault == LinkFault.UpgradeRefused && !isHandshakeOver);
        _refusals = isRefusal ? _refusals + 1 : 0;
        if (fault == LinkFault.VersionRefused)
        {
            throw new DataChannelException(
                DataChannelError.ChannelRefused,
                $"AWS refused the session's data channel because of the client version that RDS Tunnel reports, {clientVersion}. {failure.Message} Update RDS Tunnel.",
                failure
            );
        }

        if (_refusals == MaxRefusals)
        {
            throw new DataChannelException(
                DataChannelError.ChannelRefused,
                $"AWS refused the session's data channel, even with a new token. {failure.Message} Check whether a proxy changes websockets. If not, update RDS Tunnel or try again later.",
                failure
            );
        }

        if (!isHandshakeOver && (fault == LinkFault.Unreachable || ++_linksBeforeHandshake == MaxLinksBeforeHandshake))
        {
            throw NotOpened(failure);
        }

        if (wasUseful && !isRefusal)
        {
            _attempts = 0;
            return TimeSpan.Zero;
        }

        _attempts++;
        return Backoff.DelayAfter(fault == LinkFault.Cut ? Math.Min(_attempts, MaxDoublingsAfterCut) : _attempts);
    }

    /// <summary>There was no link, or none that lasted, until the handshake was over.</summary>
    public DataChannelException NotOpened(Exception failure) =>
        failure is LinkException
            ? new(
                DataChannelError.Unreachable,
                $"The session's data channel {(_linksBeforeHandshake > 1 ? $"failed {_linksBeforeHandshake} times before the jump host's agent responded. Last" : "could not be opened")}: "
                    + $"{failure.Message} Check your network and proxy settings.",
                failure
            )
            : new(
                DataChannelError.ResumeRefused,
                $"The session's data channel was lost before the jump host's agent responded, and couldn't be reopened: {Faults.SafeText.Describe(failure)}.",
                failure
            );
}
