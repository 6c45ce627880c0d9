using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Tests.Support;

/// <summary>A client, or a node, that does exactly what a test says.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[128 * 1024];

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseDescription => _socket.CloseStatusDescription;

    /// <param name="upgrade">Null to sign as everybody should.</param>
    public static async Task<ScriptedPeer> ConnectAsync(Uri streamUrl, string token, string? instanceId = null, Upgrade? upgrade = null)
    {
        var peer = new ScriptedPeer();
        upgrade ??= new Upgrade();
        peer._socket.Options.KeepAliveInterval = TimeSpan.Zero;
        foreach (var (name, value) in upgrade.HeadersFor(streamUrl))
        {
            peer._socket.Options.SetRequestHeader(name, value);
        }

        await peer._socket.ConnectAsync(streamUrl, Timeout());
        var input = new OpenDataChannelInput(
            "1.0",
            Guid.NewGuid().ToString(),
            token,
            Guid.NewGuid().ToString(),
            upgrade.ClientVersion,
            instanceId
        );
        await peer._socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(input, OpenDataChannelJson.Default.OpenDataChannelInput),
            WebSocketMessageType.Text,
            true,
            Timeout()
        );
        return peer;
    }

    public Task SendRawAsync(ReadOnlyMemory<byte> message) =>
        _socket.SendAsync(message, WebSocketMessageType.Binary, true, Timeout()).AsTask();

    public Task SendAsync(
        MessageType type,
        long sequenceNumber,
        PayloadType payloadType,
        ReadOnlySpan<byte> payload,
        Guid messageId = default
    )
    {
        var header = new ClientMessageHeader(
            type,
            1_700_000_000_000,
            sequenceNumber,
            0,
            messageId == default ? Guid.NewGuid() : messageId,
            payloadType
        );
        var message = new byte[ClientMessageCodec.OverheadBytes + payload.Length];
        ClientMessageCodec.Write(message, header, payload);
        return SendRawAsync(message);
    }

    public Task SendDataAsync(long sequenceNumber, ReadOnlySpan<byte> payload) =>
        SendAsync(MessageType.InputStreamData, sequenceNumber, PayloadType.Output, payload);

    public Task SendFlagAsync(long sequenceNumber, PayloadFlag flag) =>
        SendAsync(MessageType.InputStreamData, sequenceNumber, PayloadType.Flag, [0, 0, 0, (byte)flag]);

    public Task AcknowledgeAsync(ReceivedMessage message)
    {
        Span<byte> content = stackalloc byte[AcknowledgeContent.MaxBytes];
        var length = AcknowledgeContent.Write(content, message.Type, message.Header.MessageId, message.Header.SequenceNumber);
        return SendAsync(MessageType.Acknowledge, 0, PayloadType.None, content[..length]);
    }

    /// <summary>The next message; null once the other end has closed or the connection is cut.</summary>
    public Task<ReceivedMessage?> ReceiveAsync() => ReceiveAsync(Timeout());

    /// <summary>The next message that is of this type and passes the test, past all others.</summary>
    public async Task<ReceivedMessage> ReceiveAsync(MessageType type, Func<ReceivedMessage, bool>? where = null)
    {
        var timeout = Timeout();
        while (await ReceiveAsync(timeout) is { } message)
        {
            if (message.Type == type && where?.Invoke(message) != false)
            {
                return message;
            }
        }

        throw new InvalidOperationException(
            $"The connection ended before a message of the type {type} came: {CloseStatus} {CloseDescription}"
        );
    }

    /// <summary>Reads until the other end closes or cuts.</summary>
    public async Task DrainAsync()
    {
        var timeout = Timeout();
        while (await ReceiveAsync(timeout) is not null) { }
    }

    /// <summary>Answers the agent's HandshakeRequest and waits for HandshakeComplete; the next sequence number is 1.</summary>
    public async Task<ReceivedMessage> ShakeHandsAsync(string clientVersion = Upgrade.UsualVersion)
    {
        var request = await ReceiveAsync(
            MessageType.OutputStreamData,
            message => message.Header.PayloadType == PayloadType.HandshakeRequest
        );
        await AcknowledgeAsync(request);
        await SendHandshakeResponseAsync(clientVersion);
        var complete = await ReceiveAsync(
            MessageType.OutputStreamData,
            message => message.Header.PayloadType == PayloadType.HandshakeComplete
        );
        await AcknowledgeAsync(complete);
        return request;
    }

    public Task SendHandshakeResponseAsync(string clientVersion = Upgrade.UsualVersion, ActionStatus status = ActionStatus.Success) =>
        SendAsync(
            MessageType.InputStreamData,
            0,
            PayloadType.HandshakeResponse,
            Encoding.UTF8.GetBytes(
                $$"""{"ClientVersion":"{{clientVersion}}","ProcessedClientActions":[{"ActionType":"SessionType","ActionStatus":{{(int)status}},"ActionResult":null,"Error":""}],"Errors":null}"""
            )
        );

    public Task CloseAsync() => _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", Timeout());

    public void Abort() => _socket.Abort();

    public void Dispose() => _socket.Dispose();

    private async Task<ReceivedMessage?> ReceiveAsync(CancellationToken timeout)
    {
        var length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult received;
            try
            {
                received = await _socket.ReceiveAsync(_buffer.AsMemory(length), timeout);
            }
            catch (Exception exception) when (exception is WebSocketException || _socket.State == WebSocketState.Aborted)
            {
                return null;
            }

            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += received.Count;
            if (received.EndOfMessage)
            {
                Assert.Equal(
                    ClientMessageError.None,
                    ClientMessageCodec.TryRead(_buffer.AsSpan(0, length), out var header, out var payload)
                );
                return new ReceivedMessage(header, payload.ToArray());
            }
        }
    }

    // A test that waits so long has failed.
    private static CancellationToken Timeout() => new CancellationTokenSource(Hang.Limit).Token;
}
