namespace RdsTunnel.Emulator.NodeAccess;

/// <summary>What has become of an access request.</summary>
public enum AccessStatus
{
    Pending,
    Approved,
    Rejected,
    Revoked,
    Expired,
}
