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
            null => Ended("The service ended the session."),
            _ when Says("Forwarding to IP address") && Says("is forbidden") => new(
                DataChannelError.HostForbidden,
                $"{agent} refuses to forward to this host: it is, or its name leads to, the jump host itself, instance metadata, the VPC's DNS or another address that "
                + "agents keep closed."),
            _ when Says("Plugin with name Port is not supported") => Ended($"{agent} is too old to forward ports. Update it."),
            _ when Says("Unable to connect to specified port") || Says("dial tcp") => Ended($"{agent} could not connect to the port. Check host and port, and that the database runs."),
            _ when Says("initiating handshake") => Ended($"{agent} ended the session because of the handshake. Update the agent, or this program."),
            _ when Says("inactivity") || Says("idle") => Ended("The session was idle for longer than the account allows, and was ended."),
            _ when Says("maximum duration") || Says("max session duration") => Ended("The session reached the longest duration that the account allows, and was ended."),
            _ when string.IsNullOrWhiteSpace(output) => Ended("The service ended the session."),
            _ => Ended("The service ended the session, for a reason that the log quotes."),
        };

        bool Says(string words) => output.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static DataChannelException Ended(string message) => new(DataChannelError.SessionEnded, message);
}
