using System.Text;
using System.Text.Json.Nodes;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Tests.Support;

internal sealed record RecordedMessage(int Index, bool IsFromNode, byte[] Bytes, ClientMessageHeader Header, byte[] Payload)
{
    public string Text => Encoding.UTF8.GetString(Payload);
}

/// <summary>Every message of one session between the reference client and a real agent.</summary>
internal static class Recording
{
    public static IReadOnlyList<RecordedMessage> Read()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "vectors", "port-session.json");
        var messages = JsonNode.Parse(File.ReadAllText(file))!["messages"]!.AsArray();
        return
        [
            .. messages.Select(
                (message, index) =>
                {
                    var bytes = Convert.FromBase64String(message!["messageBase64"]!.GetValue<string>());
                    Assert.Equal(ClientMessageError.None, ClientMessageCodec.TryRead(bytes, out var header, out var payload));
                    return new RecordedMessage(
                        index,
                        message["direction"]!.GetValue<string>() == "nodeToClient",
                        bytes,
                        header,
                        payload.ToArray()
                    );
                }
            ),
        ];
    }
}
