using System.Buffers.Binary;
using System.Text;

namespace RdsTunnel.Discovery.Names;

/// <summary>As much of DNS as a chain of aliases needs.</summary>
/// <remarks><code>
/// id:2 flags:2 questions:2 answers:2 authorities:2 additional:2
/// question: name type:2 class:2
/// record:   name type:2 class:2 seconds:4 length:2 data       a name: (length:1 label)* 0, or a pointer 11…:2 to an earlier one
/// </code><see href="https://www.rfc-editor.org/rfc/rfc1035#section-4"/></remarks>
internal static class DnsMessage
{
    /// <summary>Over UDP, to those who do not ask for more.</summary>
    public const int MaxBytes = 512;

    private const int HeaderBytes = 12;
    private const int MaxLabelBytes = 63;
    private const int MaxNameChars = 253;
    private const int MaxAliases = 16; // chains in use have two or three
    private const ushort Response = 0x8000,
        RecursionDesired = 0x0100,
        InternetClass = 1,
        TypeA = 1,
        TypeCname = 5;

    public static bool CanAsk(string name) => name.Length <= MaxNameChars && name.Split('.').All(IsLabel);

    /// <param name="name">Normalized, and one that <see cref="CanAsk"/> allows.</param>
    public static byte[] Query(ushort id, string name)
    {
        var message = new byte[HeaderBytes + name.Length + 2 + 4];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), 1);
        var at = HeaderBytes;
        foreach (var label in name.Split('.'))
        {
            message[at] = (byte)label.Length;
            at += 1 + Encoding.ASCII.GetBytes(label, message.AsSpan(at + 1));
        }

        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 1), TypeA);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 3), InternetClass);
        return message;
    }

    /// <returns>What <paramref name="name"/> is an alias of, and that, and so on; null when the
    /// message is no answer to the question.</returns>
    public static IReadOnlyList<string>? Aliases(ReadOnlySpan<byte> message, ushort id, string name)
    {
        if (
            message.Length < HeaderBytes
            || Number(message, 0) != id
            || (Number(message, 2) & Response) == 0
            || Number(message, 4) != 1
            || Name(message, HeaderBytes) is not (name: { } asked, var at)
            || asked != name
        )
        {
            return null;
        }

        var aliases = new Dictionary<string, string>();
        at += 4;
        // An answer that was cut off, or is invalid from somewhere on, is read up to there.
        for (
            var records = Number(message, 6);
            records > 0 && Name(message, at) is (name: { } owner, var after) && after + 10 <= message.Length;
            records--
        )
        {
            if (Number(message, after) == TypeCname && Name(message, after + 10) is (name: { } target, _))
            {
                aliases.TryAdd(owner, target);
            }

            at = after + 10 + Number(message, after + 8);
        }

        var chain = new List<string>();
        for (var current = name; chain.Count < MaxAliases && aliases.Remove(current, out var target); current = target)
        {
            chain.Add(target);
        }

        return chain;
    }

    private static int Number(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    // In lower case, and where the next field begins. Null when there is none, or when it is not a host's.
    private static (string? name, int after)? Name(ReadOnlySpan<byte> message, int at)
    {
        var (name, after) = (new StringBuilder(), -1);
        while (at < message.Length)
        {
            int length = message[at];
            if (length == 0)
            {
                return (name.ToString(), after < 0 ? at + 1 : after);
            }

            if (length > MaxLabelBytes)
            {
                // Back only: whoever goes round comes past a label each time, and a name has its bound.
                var target = at + 1 < message.Length ? Number(message, at) & 0x3FFF : int.MaxValue;
                if ((length & 0xC0) != 0xC0 || target >= at)
                {
                    return null;
                }

                after = after < 0 ? at + 2 : after;
                at = target;
                continue;
            }

            if (at + 1 + length > message.Length || name.Length + length > MaxNameChars)
            {
                return null;
            }

            var label = Encoding.ASCII.GetString(message.Slice(at + 1, length)).ToLowerInvariant();
            if (!IsLabel(label))
            {
                return null;
            }

            name.Append(name.Length == 0 ? "" : ".").Append(label);
            at += 1 + length;
        }

        return null;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelBytes && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
