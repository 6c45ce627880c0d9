using System.Text.Json;

namespace RdsTunnel.DataChannels.Tests.Protocol;

/// <summary>The messages of a real session between the reference client and the real agent.</summary>
public static class RecordedSession
{
    public static IReadOnlyList<RecordedMessage> Messages { get; } = Load();

    public static TheoryData<int> Indexes { get; } = new(Enumerable.Range(0, Messages.Count));

    private static List<RecordedMessage> Load()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "port-session.json")));
        return
        [
            .. document
                .RootElement.GetProperty("messages")
                .EnumerateArray()
                .Select(message => new RecordedMessage(
                    message.GetProperty("direction").GetString()!,
                    message.GetProperty("messageType").GetString()!,
                    message.GetProperty("createdDate").GetInt64(),
                    message.GetProperty("sequenceNumber").GetInt64(),
                    message.GetProperty("flags").GetUInt64(),
                    message.GetProperty("messageId").GetGuid(),
                    message.GetProperty("payloadType").GetUInt32(),
                    message.GetProperty("payloadLength").GetInt32(),
                    message.GetProperty("messageBase64").GetBytesFromBase64()
                )),
        ];
    }
}

public sealed record RecordedMessage(
    string Direction,
    string MessageType,
    long CreatedDate,
    long SequenceNumber,
    ulong Flags,
    Guid MessageId,
    uint PayloadType,
    int PayloadLength,
    byte[] Bytes
);
