using System.Net;
using System.Net.Sockets;
using RdsTunnel.Aws;
using RdsTunnel.Faults;

namespace RdsTunnel.Discovery.Names;

/// <inheritdoc cref="IHostNames"/>
/// <remarks>The operating system follows its own rules (hosts file, VPN) but tells the last name
/// alone: <c>ec2-…</c> for a public database, one
/// instance for a cluster. The names between come from the name servers.</remarks>
/// <param name="servers">Those to ask in place of this machine's; null for its own.</param>
public sealed class HostNames(TimeProvider time, IReadOnlyList<IPEndPoint>? servers = null) : IHostNames
{
    /// <summary>What an answer is worth: a jump host or a token waits for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly DnsAliases _aliases = new(servers is null ? NameServers.OfThisMachine : () => servers, time);

    public async Task<ResolvedHost> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var name = HostName.Normalize(host);
        if (IPAddress.TryParse(name, out var address))
        {
            return new ResolvedHost([name], [address]);
        }

        var system = AskSystemAsync(name, cancellationToken);
        var aliases = _aliases.FollowAsync(name, cancellationToken);
        var (canonical, addresses) = await system.ConfigureAwait(false);
        return new ResolvedHost([.. new[] { name }.Concat(await aliases.ConfigureAwait(false)).Append(canonical).Distinct()], addresses);
    }

    private async Task<(string Canonical, IPAddress[] Addresses)> AskSystemAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var asking = Dns.GetHostEntryAsync(name, cancellationToken);
            await asking.WaitOrLeaveAsync(Patience, time, cancellationToken).ConfigureAwait(false);
            var entry = await asking.ConfigureAwait(false);
            return (entry.HostName.Length > 0 ? HostName.Normalize(entry.HostName) : name, entry.AddressList);
        }
        catch (Exception e) when (e is SocketException or TimeoutException or ArgumentException)
        {
            return (name, []); // it does not resolve from here
        }
    }
}
