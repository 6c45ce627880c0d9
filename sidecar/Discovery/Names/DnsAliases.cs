using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace RdsTunnel.Discovery.Names;

/// <summary>Asks name servers for the aliases of a name. Thread-safe.</summary>
/// <param name="servers">Whom to ask; called anew each time.</param>
internal sealed class DnsAliases(Func<IReadOnlyList<IPEndPoint>> servers, TimeProvider time)
{
    /// <summary>A machine with VPNs has as many; more are a mistake.</summary>
    private const int MaxServers = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <returns>The names that <paramref name="name"/> is an alias of, in order; empty when no server tells one.</returns>
    public async Task<IReadOnlyList<string>> FollowAsync(string name, CancellationToken cancellationToken)
    {
        // A single label means another name in each network, which only the operating system can tell.
        if (!name.Contains('.', StringComparison.Ordinal) || !DnsMessage.CanAsk(name))
        {
            return [];
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var asked = servers().Take(MaxServers).Select(server => AskAsync(server, name, enough.Token)).ToList();
        IReadOnlyList<string> found = [];
        // All at once: servers of different networks know different names.
        await foreach (var answer in Task.WhenEach(asked).ConfigureAwait(false))
        {
            found = await answer.ConfigureAwait(false);
            if (found.Count > 0)
            {
                await enough.CancelAsync().ConfigureAwait(false);
                break;
            }
        }

        await Task.WhenAll(asked).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return found;
    }

    private static async Task<IReadOnlyList<string>> AskAsync(IPEndPoint server, string name, CancellationToken enough)
    {
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            await socket.ConnectAsync(server, enough).ConfigureAwait(false);
            await socket.SendAsync(DnsMessage.Query(id, name), enough).ConfigureAwait(false);
            var buffer = new byte[DnsMessage.MaxBytes];
            while (true)
            {
                var count = await socket.ReceiveAsync(buffer, enough).ConfigureAwait(false);
                // What is no answer to this question came from somebody else.
                if (DnsMessage.Aliases(buffer.AsSpan(0, count), id, name) is { } aliases)
                {
                    return aliases;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return []; // no answer from this one
        }
    }
}
