using RdsTunnel.Emulator.Faults;
using RdsTunnel.Emulator.Sessions;

namespace RdsTunnel.Emulator.Control;

/// <summary>Faults of a session as data, for <c>/_emulator/</c>; what is left out stays as it is.
/// See <see cref="SessionFaults"/>.</summary>
public sealed record FaultPlan
{
    public LinkFaults? ClientToNode { get; init; }

    public LinkFaults? NodeToClient { get; init; }

    public CutPlan? CutClientAfter { get; init; }

    public RefusalPlan? RefuseResume { get; init; }

    public RefusalPlan? RefuseUpgrade { get; init; }

    public OpeningRefusalPlan? RefuseOpening { get; init; }

    public bool CutClient { get; init; }

    public bool FreezeClient { get; init; }

    public bool KillAgent { get; init; }

    /// <summary>The output of channel_closed; null leaves the session alone.</summary>
    public string? EndSession { get; init; }

    public void ApplyTo(SessionFaults faults)
    {
        if (ClientToNode is not null)
        {
            faults.SetClientToNode(ClientToNode);
        }

        if (NodeToClient is not null)
        {
            faults.SetNodeToClient(NodeToClient);
        }

        if (CutClientAfter is { } cut)
        {
            faults.CutClientAfter(cut.Messages, cut.Times);
        }

        if (RefuseResume is { } resume)
        {
            faults.RefuseResume(resume.Times, resume.Code, resume.StatusCode);
        }

        if (RefuseUpgrade is { } upgrade)
        {
            faults.RefuseUpgrade(upgrade.Times, upgrade.StatusCode);
        }

        if (RefuseOpening is { } opening)
        {
            faults.RefuseOpening(opening.Times, opening.CloseCode, opening.Reason);
        }

        if (KillAgent)
        {
            faults.KillAgent();
        }

        if (FreezeClient)
        {
            faults.FreezeClient();
        }

        if (CutClient)
        {
            faults.CutClient();
        }

        if (EndSession is not null)
        {
            faults.EndSession(EndSession);
        }
    }
}

public sealed record CutPlan(int Messages, int Times = 1);

public sealed record RefusalPlan(int Times = 1, string Code = "ThrottlingException", int StatusCode = 400);

public sealed record OpeningRefusalPlan(int Times = 1, int CloseCode = 1008, string Reason = "");
