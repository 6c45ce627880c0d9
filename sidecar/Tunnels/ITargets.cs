namespace RdsTunnel.Tunnels;

/// <summary>Chooses the jump host of a tunnel whose user named none. Thread-safe.</summary>
public interface ITargets
{
    /// <summary>The best target now. Asked before each session, so that one that has gone is replaced.</summary>
    /// <exception cref="TunnelException"><see cref="TunnelErrorCode.NoJumpHost"/>: none fits; the message says what is missing.</exception>
    /// <exception cref="Aws.AwsException">They cannot be listed.</exception>
    Task<string> ChooseAsync(TunnelRequest request, CancellationToken cancellationToken);
}
