using System.IO.Pipelines;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>One connection to the target, through a session.</summary>
/// <param name="Pipe">Its bytes, both ways. Completing the output does not cut off the answer that is still to come.</param>
/// <param name="Completion">Ends when the connection has; faults when it was reset, with the reason.</param>
/// <param name="Abort">Ends it at once, both ways.</param>
/// <param name="TellsEnd">False for an old agent, which does not say that the target has closed the connection.</param>
internal sealed record PortConnection(PortSession Session, IDuplexPipe Pipe, Task Completion, Action Abort, bool TellsEnd);
