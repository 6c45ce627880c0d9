namespace RdsTunnel.Emulator.Sessions;

/// <summary>What takes the node's part in one session.</summary>
internal interface ISessionAgent
{
    /// <summary>Runs until the agent is done, and gives its output, which <c>channel_closed</c> will carry; or until it is killed
    /// (<see cref="EmulatedSession.AgentKilled"/>): then it stops dead, tells nobody, and ends with its session.</summary>
    Task<string> RunAsync(CancellationToken cancellationToken);
}
