using RdsTunnel.Databases;

namespace RdsTunnel.Tunnels;

/// <summary>Makes logins of what tunnels ask for. Thread-safe.</summary>
public interface ILogins
{
    /// <param name="request">With a login.</param>
    /// <exception cref="Aws.AwsException">The authorities that the configuration names cannot be read.</exception>
    Login LoginFor(TunnelRequest request);
}
