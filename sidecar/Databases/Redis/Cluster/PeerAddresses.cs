using System.Globalization;
using System.Text;
using RdsTunnel.Databases.Redis.Protocol;

namespace RdsTunnel.Databases.Redis.Cluster;

/// <summary>Puts ports of this machine in the place of nodes, in replies that name some. A node
/// that no port leads to stays as it is.</summary>
/// <remarks><code>
/// -MOVED 3999 orders-0002-001.orders.abc123.euc1.cache.amazonaws.com:6379
/// -ASK 3999 …
/// SLOTS   [[first, last, [endpoint, port, id, [name, value …]] …] …]
/// SHARDS  [{slots: …, nodes: [{id, endpoint, hostname, ip, port, tls-port, …} …]} …]
/// NODES   id ip:port@busPort,hostname flags primary ping pong epoch link slots…
/// </code><see href="https://redis.io/docs/latest/commands/cluster-nodes/"/></remarks>
internal sealed class PeerAddresses(IClusterPeers peers)
{
    private const string Here = "127.0.0.1";
    private const int IdLength = 40;

    // The first that is known.
    private static readonly string[] NamesOfHost = ["endpoint", "hostname", "ip"];

    /// <summary>An error, in one line.</summary>
    /// <returns>Null when it is to stay as it is.</returns>
    public byte[]? OfError(ReadOnlySpan<byte> line)
    {
        var words = Encoding.UTF8.GetString(line).TrimEnd('\r', '\n').Split(' ');
        return
            words is ["-MOVED" or "-ASK", _, var address]
            && TryAddress(address, out var host, out var port)
            && LocalOf(host, port) is { } local
            ? Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{words[0]} {words[1]} {Here}:{local}\r\n"))
            : null;
    }

    /// <summary>The last reply named a node that a port leads to.</summary>
    public bool HasFound { get; private set; }

    /// <returns>Null when the reply has not the shape of its kind.</returns>
    public RespValue? Of(RespValue reply, ExpectedReply expected)
    {
        HasFound = false;
        return expected.Inside is { } inside ? OfTransaction(reply, inside) : Of(reply, expected.Kind);
    }

    private RespValue? Of(RespValue reply, PeerReply kind) =>
        kind switch
        {
            PeerReply.Slots => Each(reply, OfSlots),
            PeerReply.Shards => Each(reply, OfShard),
            PeerReply.Nodes => OfText(reply),
            PeerReply.Lines => Each(reply, OfText),
            _ => null,
        };

    private RespValue? OfTransaction(RespValue reply, IReadOnlyDictionary<int, PeerReply> inside) =>
        reply is { Type: (byte)'*', Items: { } items }
            ? reply with
            {
                Items = [.. items.Select((item, i) => inside.TryGetValue(i, out var kind) ? Of(item, kind) ?? item : item)],
            }
            : null;

    private RespValue? OfSlots(RespValue range) =>
        range is { Type: (byte)'*', Items: [{ Number: not null } first, { Number: not null } last, .. { Length: > 0 } nodes] }
        && EachOf(nodes, OfSlotsNode) is { } changed
            ? range with
            {
                Items = [first, last, .. changed],
            }
            : null;

    private RespValue? OfSlotsNode(RespValue node)
    {
        if (node is not { Type: (byte)'*', Items: [{ Items: null } endpoint, { Number: { } port }, .. var others] })
        {
            return null;
        }

        // What else is told of a node is where it would be, too.
        return LocalOf(endpoint.IsNull ? null : endpoint.Words, port) is not { } local
            ? node
            : node with
            {
                Items =
                [
                    RespValue.Bulk(Here),
                    RespValue.Integer(local),
                    .. others.Select(each => each.Items is null ? each : each with { Items = [] }),
                ],
            };
    }

    private RespValue? OfShard(RespValue shard) => Change(shard, "nodes", nodes => Each(nodes, OfShardNode));

    private RespValue? OfShardNode(RespValue node)
    {
        if (!IsMap(node) || Field(node, "id") is null || Field(node, "role") is null)
        {
            return null;
        }

        var host = NamesOfHost.Select(name => Field(node, name)?.Words).FirstOrDefault(IsKnown);
        if ((Field(node, "tls-port") ?? Field(node, "port"))?.Number is not { } port || LocalOf(host, port) is not { } local)
        {
            return node;
        }

        var items = new List<RespValue>();
        var hasPort = false;
        for (var i = 0; i + 1 < node.Items!.Length; i += 2)
        {
            var (key, value) = (node.Items[i], node.Items[i + 1]);
            switch (key.Words)
            {
                case "endpoint" or "ip":
                    items.AddRange(key, RespValue.Bulk(Here));
                    break;
                case "hostname":
                    items.AddRange(key, RespValue.Bulk(""));
                    break;
                // The local port has no TLS.
                case "tls-port" or "port":
                    if (!hasPort)
                    {
                        items.AddRange(RespValue.Bulk("port"), RespValue.Integer(local));
                    }

                    hasPort = true;
                    break;
                default:
                    items.AddRange(key, value);
                    break;
            }
        }

        return node with
        {
            Items = [.. items],
        };
    }

    // Lines; behind "txt:" where it is a verbatim string.
    private RespValue? OfText(RespValue text)
    {
        if (!text.IsBulk)
        {
            return null;
        }

        var words = text.Words;
        var start = text.Type == (byte)'=' && words.Length > 4 ? words[..4] : "";
        var lines = words[start.Length..].Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim('\r').Length == 0)
            {
                continue;
            }

            if (OfLine(lines[i]) is not { } line)
            {
                return null;
            }

            lines[i] = line;
        }

        return text with
        {
            Text = Encoding.UTF8.GetBytes(start + string.Join('\n', lines)),
        };
    }

    private string? OfLine(string line)
    {
        if (
            line.Split(' ') is not [{ Length: IdLength } id, var place, var flags, { Length: > 0 } primary, .. { Length: >= 4 } others]
            || !id.All(char.IsAsciiHexDigit)
        )
        {
            return null;
        }

        var at = place.IndexOf('@', StringComparison.Ordinal);
        if (!TryAddress(at < 0 ? place : place[..at], out var ip, out var port))
        {
            return place.StartsWith(':') ? line : null; // its address is not known
        }

        var bus = at < 0 ? [] : place[at..].Split(',');
        var host = bus is [_, { Length: > 0 } name, ..] && IsKnown(name) ? name : ip;
        return LocalOf(host, port) is not { } local
            ? line
            : string.Join(
                ' ',
                [
                    id,
                    string.Create(CultureInfo.InvariantCulture, $"{Here}:{local}{(bus is [var only, ..] ? only : "")}"),
                    flags,
                    primary,
                    .. others,
                ]
            );
    }

    private static RespValue? Each(RespValue list, Func<RespValue, RespValue?> change) =>
        list is { Type: (byte)'*', Items: { } items } && EachOf(items, change) is { } changed ? list with { Items = changed } : null;

    private static RespValue[]? EachOf(RespValue[] items, Func<RespValue, RespValue?> change)
    {
        var changed = new List<RespValue>(items.Length);
        foreach (var item in items)
        {
            if (change(item) is not { } one)
            {
                return null;
            }

            changed.Add(one);
        }

        return [.. changed];
    }

    // RESP2 has no maps: names and values in turn.
    private static bool IsMap(RespValue value) => value is { Type: (byte)'%' or (byte)'*', Items: { } items } && items.Length % 2 == 0;

    private static RespValue? Field(RespValue map, string name)
    {
        for (var i = 0; i + 1 < map.Items!.Length; i += 2)
        {
            if (map.Items[i].IsBulk && map.Items[i].Words == name)
            {
                return map.Items[i + 1];
            }
        }

        return null;
    }

    private static RespValue? Change(RespValue map, string name, Func<RespValue, RespValue?> change)
    {
        if (!IsMap(map) || Field(map, name) is not { } field || change(field) is not { } changed)
        {
            return null;
        }

        return map with
        {
            Items = [.. map.Items!.Select(item => ReferenceEquals(item, field) ? changed : item)],
        };
    }

    private int? LocalOf(string? host, int port)
    {
        var local = port is > 0 and <= 65535 ? peers.LocalPortOf(IsKnown(host) ? host : null, port) : null;
        HasFound |= local is not null;
        return local;
    }

    // "?" is a name that nobody has given.
    private static bool IsKnown(string? host) => host is not (null or "" or "?");

    // The last colon: an address of IPv6 has more.
    private static bool TryAddress(string text, out string host, out int port)
    {
        var colon = text.LastIndexOf(':');
        host = colon < 0 ? "" : text[..colon];
        port = 0;
        return colon >= 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535;
    }
}
