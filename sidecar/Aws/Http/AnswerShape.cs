using System.Text.Json;

namespace RdsTunnel.Aws.Http;

/// <summary>Whether an answer can be given to the SDK. Where a list should be and something else
/// is, the SDK adds to a list of its own until no memory is left.</summary>
internal static class AnswerShape
{
    /// <summary>The lists in the answers of the operations that are called.</summary>
    private static readonly string[] Lists =
    [
        "InstanceInformationList",
        "accountList",
        "roleList",
        "AttachmentsContent",
        "Requires",
        "ReviewInformation",
    ];

    /// <summary>And the maps, which it reads in the same way.</summary>
    private static readonly string[] Maps = ["InstanceAssociationStatusAggregatedCount"];

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
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && !IsSafe(ref reader))
                {
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

    private static bool IsSafe(ref Utf8JsonReader reader)
    {
        var expected =
            IsOneOf(Lists, ref reader) ? JsonTokenType.StartArray
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
