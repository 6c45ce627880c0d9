using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Databases.Tests.Support;

/// <summary>Two ends of one connection of this machine.</summary>
internal static class StreamPair
{
    // An end that a test does not look at any more is still open.
    private static readonly ConcurrentBag<Socket> Kept = [];

    public static async Task<(Stream One, Stream Other)> CreateAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(listener.LocalEndPoint!);
        var server = await listener.AcceptAsync();
        server.NoDelay = true;
        Kept.Add(client);
        Kept.Add(server);
        return (new NetworkStream(client, ownsSocket: true), new NetworkStream(server, ownsSocket: true));
    }
}
