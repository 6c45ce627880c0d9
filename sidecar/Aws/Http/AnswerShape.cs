using System.Text.Json;

namespace RdsTunnel.Aws.Http;

/// <summary>Whether an answer can be given to the SDK. Where a list should be and something else
/// is, the SDK adds to a list of its own until no memory is left; a null in a list becomes an item that is none.</summary>
internal static class AnswerShape
{
    /// <summary>The lists in the answers of the operations that are called.</summary>
    internal static readonly string[] Lists =
    [
        "InstanceInformationList",
        "Sessions",
        "accountList",
        "roleList",
        "AttachmentsContent",
        "Requires",
        "ReviewInformation",
    ];

    /// <summary>And the maps, which it reads in the same way.</summary>
    internal static readonly string[] Maps = ["InstanceAssociationStatusAggregatedCount"];

    /// <inheritdoc cref="IsSafe(ReadOnlySpan{byte})"/>
    /// <param name="answer">Is read, and rewound.</param>
    public static bool IsSafe(Stream answer)
    {
        var bytes = new byte[answer.Length];
        answer.ReadExactly(bytes);
        answer.Position = 0;
        return IsSafe(bytes.AsSpan());
    }

    /// <param name="json">What is no JSON is left to the SDK, which says so.</param>
    public static bool IsSafe(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var lists = 0UL; // a bit for each depth whose items are those of a list; the reader goes no deeper than 64
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        var isList = IsOneOf(Lists, ref reader);
                        if (!IsSafe(ref reader, isList))
                        {
                            return false;
                        }

                        lists |= isList && reader.TokenType == JsonTokenType.StartArray ? ItemsAt(ref reader) : 0;
                        break;
                    case JsonTokenType.EndArray:
                        lists &= ~ItemsAt(ref reader);
                        break;
                    case JsonTokenType.Null when (lists & (1UL << (reader.CurrentDepth & 63))) != 0:
                        return false;
                }
            }
        }
        catch (JsonException)
        {
            return true;
        }

        return true;
    }

    /// <summary>At a list's beginning or end.</summary>
    private static ulong ItemsAt(ref Utf8JsonReader reader) => 1UL << ((reader.CurrentDepth + 1) & 63);

    private static bool IsSafe(ref Utf8JsonReader reader, bool isList)
    {
        var expected =
            isList ? JsonTokenType.StartArray
            : IsOneOf(Maps, ref reader) ? JsonTokenType.StartObject
            : JsonTokenType.None;
        return expected == JsonTokenType.None
            || (reader.Read() && (reader.TokenType == expected || reader.TokenType == JsonTokenType.Null));
    }

    private static bool IsOneOf(string[] names, ref Utf8JsonReader reader)
    {
        foreach (var name in names)
        {
            if (reader.ValueTextEquals(name))
            {
                return true;
            }
        }

        return false;
    }
}
