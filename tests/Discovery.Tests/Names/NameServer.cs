using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RdsTunnel.Discovery.Tests.Names;

/// <summary>A name server on 127.0.0.1 that knows aliases. Its answers can be spoilt.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Dictionary<string, string> _aliases;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _serving;

    /// <param name="aliases">Pairs: a name, and what it is an alias of.</param>
    public NameServer(params (string Name, string Target)[] aliases)
    {
        _aliases = aliases.ToDictionary(alias => alias.Name, alias => alias.Target, StringComparer.Ordinal);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Address = (IPEndPoint)_socket.LocalEndPoint!;
        _serving = ServeAsync();
    }

    public IPEndPoint Address { get; }

    /// <summary>What is sent for an answer: one, none or several.</summary>
    public Func<byte[], IEnumerable<byte[]>> Send { get; init; } = answer => [answer];

    public static byte[] Record(byte[] owner, ushort type, byte[] data)
    {
        var rest = new byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(rest, type);
        BinaryPrimitives.WriteUInt16BigEndian(rest.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt16BigEndian(rest.AsSpan(8), (ushort)data.Length);
        return [.. owner, .. rest, .. data];
    }

    public static byte[] Name(string name) =>
        [.. name.Split('.').SelectMany(label => new[] { (byte)label.Length }.Concat(Encoding.ASCII.GetBytes(label))), 0];

    /// <summary>The query with answers behind it.</summary>
    public static byte[] Answer(ReadOnlySpan<byte> query, params byte[][] records)
    {
        byte[] answer = [.. query, .. records.SelectMany(record => record)];
        answer[2] |= 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)records.Length);
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _serving);
        _socket.Dispose();
        _stopped.Dispose();
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[512];
        while (true)
        {
            var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stopped.Token);
            var query = buffer.AsMemory(0, received.ReceivedBytes);
            foreach (var answer in Send(Answer(query.Span, [.. Records(Question(query.Span))])))
            {
                await _socket.SendToAsync(answer, received.RemoteEndPoint, _stopped.Token);
            }
        }
    }

    private IEnumerable<byte[]> Records(string name)
    {
        for (; _aliases.TryGetValue(name, out var target); name = target.ToLowerInvariant())
        {
            yield return Record(Name(name), 5, Name(target));
        }

        yield return Record(Name(name), 1, [10, 0, 1, 2]);
    }

    private static string Question(ReadOnlySpan<byte> query)
    {
        var labels = new List<string>();
        for (var at = 12; query[at] > 0; at += 1 + query[at])
        {
            labels.Add(Encoding.ASCII.GetString(query.Slice(at + 1, query[at])));
        }

        return string.Join('.', labels);
    }
}
