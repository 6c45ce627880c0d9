namespace RdsTunnel.DataChannels.Messaging;

/// <summary>Why a channel was closed, in our own words: what agent and service say is foreign text, which only the log quotes.</summary>
internal static class ClosingWords
{
    /// <param name="output">What channel_closed carried; empty when it gave no reason.</param>
    /// <param name="agentVersion">Null before the handshake.</param>
    public static DataChannelException Read(string? output, string? agentVersion)
    {
        var agent = agentVersion is null ? "The jump host's SSM agent" : $"The jump host's SSM agent {agentVersion}";
        return output switch
        {
            null => Ended("AWS ended the session."),
            _ when Says("Forwarding to IP address") && Says("is forbidden") => new(
                DataChannelError.HostForbidden,
                $"{agent} doesn't forward to this host: it is the jump host itself, instance metadata, the VPC's DNS or another "
                    + "blocked address."
            ),
            _ when Says("Plugin with name Port is not supported") => Ended($"{agent} is too old to forward ports. Update it."),
            _ when Says("Unable to connect to specified port") || Says("dial tcp") => Ended(
                $"{agent} could not connect to the port. Check the host and port, and that the database is running."
            ),
            _ when Says("initiating handshake") => Ended(
                $"{agent} ended the session during the handshake. Update the agent or RDS Tunnel."
            ),
            _ when Says("inactivity") || Says("idle") => Ended(
                "The session ended because it was idle for longer than your account allows."
            ),
            _ when Says("maximum duration") || Says("max session duration") => Ended(
                "The session ended because it reached your account's maximum duration."
            ),
            _ when string.IsNullOrWhiteSpace(output) => Ended("AWS ended the session."),
            _ => Ended("AWS ended the session. The log has the reason."),
        };

        bool Says(string words) => output.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static DataChannelException Ended(string message) => new(DataChannelError.SessionEnded, message);
}
