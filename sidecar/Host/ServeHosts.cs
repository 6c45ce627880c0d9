using System.Net;

namespace RdsTunnel.Host;

/// <summary>The hosts by which the HTTP server may be called. A web page whose own name has been made to lead here (DNS rebinding) is
/// called by that name.</summary>
/// <param name="bound">Where the server listens.</param>
internal sealed class ServeHosts(IPAddress bound)
{
    /// <summary>Domains in which nobody can register a name: of this machine, local networks and clusters.</summary>
    private static readonly string[] OwnDomains = [".localhost", ".local", ".internal", ".svc"];

    /// <param name="host">Without its port.</param>
    public bool Include(string host)
    {
        var isAddress = IPAddress.TryParse(host.Trim('[', ']'), out var address);
        if (IPAddress.IsLoopback(bound))
        {
            return isAddress ? IPAddress.IsLoopback(address!) : host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
        }

        // Whoever calls by an address, or by the plain name of a service, has no name that somebody could have bought.
        return isAddress
            || (host.Length > 0 && !host.Contains('.', StringComparison.Ordinal))
            || OwnDomains.Any(domain => host.EndsWith(domain, StringComparison.OrdinalIgnoreCase));
    }
}
