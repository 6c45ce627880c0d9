using System.Xml;

namespace RdsTunnel.Aws.Http;

/// <summary>Refuses XML that would cost its readers far more than its size says.</summary>
/// <remarks>For each tag the SDK's readers write down the path from the root anew, a name at a
/// time. Names inside of one another would keep a processor busy for hours.</remarks>
internal static class XmlBounds
{
    /// <summary>Answers of AWS have a dozen.</summary>
    private const int MaxDepth = 64;

    /// <summary>Characters that the readers copy, some seconds' worth. The largest answer of EC2
    /// that is taken has a quarter of it.</summary>
    private const long MaxCopiedChars = 1L << 31;

    // The SDK skips a DTD, and has no use for one.
    private static readonly XmlReaderSettings Safe = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>True for XML that is well-formed and cheap enough to read, and for what no reader takes for XML.</summary>
    /// <param name="answer">Is read, and rewound.</param>
    public static bool AreKept(Stream answer)
    {
        try
        {
            return !MayBeXml(answer) || IsCheap(answer);
        }
        catch (XmlException)
        {
            return false;
        }
        finally
        {
            answer.Position = 0;
        }
    }

    // Whatever its content type: a tag, or a byte order mark, after white space.
    private static bool MayBeXml(Stream answer)
    {
        int first;
        do
        {
            first = answer.ReadByte();
        } while (first is ' ' or '\t' or '\r' or '\n');
        answer.Position = 0;
        return first is '<' or 0 or >= 0x80;
    }

    private static bool IsCheap(Stream answer)
    {
        using var text = new StreamReader(answer, leaveOpen: true); // decodes as the SDK does
        using var reader = XmlReader.Create(text, Safe);
        Span<long> pathChars = stackalloc long[MaxDepth + 1]; // by depth
        var copiedChars = 0L;
        while (reader.Read())
        {
            if (reader.NodeType is not (XmlNodeType.Element or XmlNodeType.EndElement))
            {
                continue;
            }

            var depth = reader.Depth + 1;
            if (depth > MaxDepth)
            {
                return false;
            }

            pathChars[depth] = pathChars[depth - 1] + 1 + reader.LocalName.Length;
            copiedChars += depth * pathChars[depth] * (1 + reader.AttributeCount);
            if (copiedChars > MaxCopiedChars)
            {
                return false;
            }
        }

        return true;
    }
}
