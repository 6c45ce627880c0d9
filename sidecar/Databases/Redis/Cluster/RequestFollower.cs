using System.Buffers.Text;
using System.Text;

namespace RdsTunnel.Databases.Redis.Cluster;

/// <summary>Reads along with the commands of a tool, to know which replies name nodes. It keeps a
/// command's first two words, and changes nothing.</summary>
/// <param name="stopsAtReset">Whether something is to be said behind a RESET.</param>
internal sealed class RequestFollower(ExpectedReplies expected, bool stopsAtReset = false)
{
    /// <summary>The longest word that matters is <c>PUNSUBSCRIBE</c>.</summary>
    private const int MaxWord = 16;

    private const int MaxLine = 64 * 1024; // as Redis has it
    private const int MaxQueued = 256;

    private readonly byte[] _text = new byte[64]; // of the line, or the word, that is being read
    private int _textBytes; // more than are kept of it
    private readonly string[] _words = ["", ""];
    private int _word; // which one comes next
    private int _missing; // words of the command
    private long _payload; // bytes of a word that are still to come, CR LF included
    private long _index; // of the reply to the command that is being read
    private Dictionary<int, PeerReply>? _queued; // of a transaction; null outside of one
    private int _queuedCount;
    private bool _isReset; // the last command was one

    /// <summary>What a tool sends next.</summary>
    /// <returns>How much of it was followed: all, or what ends with a RESET.</returns>
    public int Follow(ReadOnlySpan<byte> bytes, out bool isReset)
    {
        var rest = bytes;
        _isReset = false;
        while (!rest.IsEmpty && !expected.IsOver && !_isReset)
        {
            rest = _payload > 0 ? FollowWord(rest) : FollowLine(rest);
        }

        isReset = _isReset;
        return isReset ? bytes.Length - rest.Length : bytes.Length;
    }

    private ReadOnlySpan<byte> FollowWord(ReadOnlySpan<byte> bytes)
    {
        var part = bytes[..(int)Math.Min(_payload, bytes.Length)];
        _payload -= part.Length;
        if (_word < _words.Length)
        {
            Keep(part);
        }

        if (_payload == 0)
        {
            if (_word < _words.Length)
            {
                _words[_word] = _textBytes - 2 is >= 0 and <= MaxWord and var length ? Upper(_text.AsSpan(0, length)) : "";
            }

            _textBytes = 0;
            _word++;
            if (--_missing == 0)
            {
                OnCommand();
            }
        }

        return bytes[part.Length..];
    }

    private ReadOnlySpan<byte> FollowLine(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        var part = end < 0 ? bytes : bytes[..(end + 1)];
        Keep(part);
        if (_textBytes > MaxLine)
        {
            expected.End();
        }
        else if (end >= 0)
        {
            OnLine(_text.AsSpan(0, Math.Min(_textBytes, _text.Length)).TrimEnd("\r\n"u8));
            _textBytes = 0;
        }

        return bytes[part.Length..];
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        if (_textBytes < _text.Length)
        {
            part[..Math.Min(part.Length, _text.Length - _textBytes)].CopyTo(_text.AsSpan(_textBytes));
        }

        _textBytes += part.Length;
    }

    // "*3" · "$7" · or a command as a plain line
    private void OnLine(ReadOnlySpan<byte> line)
    {
        if (_missing > 0)
        {
            if (
                line is [(byte)'$', .. var length]
                && Utf8Parser.TryParse(length, out int bytes, out var used)
                && used == length.Length
                && bytes >= 0
            )
            {
                _payload = bytes + 2L;
            }
            else
            {
                expected.End(); // the server will close the connection
            }
        }
        else if (line is [(byte)'*', .. var count])
        {
            // Without a word it is no command, and has no reply.
            if (Utf8Parser.TryParse(count, out int words, out var used) && used == count.Length)
            {
                (_missing, _word) = (Math.Max(0, words), 0);
                _words.AsSpan().Fill("");
            }
            else
            {
                expected.End();
            }
        }
        else if (Encoding.ASCII.GetString(line).Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words)
        {
            (_words[0], _words[1]) = (words[0].ToUpperInvariant(), words is [_, var second, ..] ? second.ToUpperInvariant() : "");
            OnCommand();
        }
    }

    private void OnCommand()
    {
        switch (_words[0])
        {
            case "MULTI" when _queued is null:
                (_queued, _queuedCount) = ([], 0);
                break;
            case "EXEC" or "DISCARD" or "RESET":
                if (_words[0] == "EXEC" && _queued is { Count: > 0 })
                {
                    expected.Add(new(_index, PeerReply.Transaction, _queued));
                }

                _queued = null;
                if (stopsAtReset && _words[0] == "RESET")
                {
                    expected.Add(new(_index, PeerReply.Reset));
                    _isReset = true;
                }

                break;
            case "SUBSCRIBE" or "PSUBSCRIBE" or "SSUBSCRIBE" or "UNSUBSCRIBE" or "PUNSUBSCRIBE" or "SUNSUBSCRIBE" or "MONITOR":
            case "CLIENT" when _words[1] == "REPLY":
                expected.StopCounting();
                break;
            case "SYNC" or "PSYNC":
                expected.End();
                break;
            case "CLUSTER" when KindOf(_words[1]) is { } kind:
                // In a transaction that the server has not begun, the reply comes at once.
                expected.Add(new(_index, kind));
                if (_queued is { Count: < MaxQueued })
                {
                    _queued[_queuedCount] = kind;
                }

                _queuedCount++;
                break;
            default:
                _queuedCount++;
                break;
        }

        _index++;
    }

    private static PeerReply? KindOf(string question) =>
        question switch
        {
            "SLOTS" => PeerReply.Slots,
            "SHARDS" => PeerReply.Shards,
            "NODES" => PeerReply.Nodes,
            "REPLICAS" or "SLAVES" => PeerReply.Lines,
            _ => null,
        };

    private static string Upper(ReadOnlySpan<byte> word) => Encoding.ASCII.GetString(word).ToUpperInvariant();
}
