namespace RdsTunnel.Emulator.Signing;

/// <summary>What credentials of an access request are good for: sessions on one node, and nothing else.</summary>
/// <param name="Documents">That these sessions can be started with.</param>
public sealed record AccessGrant(string RequestId, string InstanceId, IReadOnlyList<string> Documents)
{
    /// <summary>As in AWS's policy AWSSystemsManagerJustInTimeAccessTokenPolicy.</summary>
    internal static IReadOnlyList<string> Actions { get; } =
    ["ssm:StartSession", "ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"];
}
