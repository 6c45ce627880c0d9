using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.DataChannels.Tests.Support;

/// <summary>The service and the node behind it, as a test plays them: it makes links, hands out
/// what the client sent, and answers by hand.</summary>
internal sealed class ScriptedNode : IDataChannelConnector, IDataChannelSession
{
    private readonly Channel<ScriptedLink> _links = Channel.CreateUnbounded<ScriptedLink>();
    private readonly Queue<Func<DataChannelAccess?>> _resumeAnswers = new();
    private long _nextSequenceNumber;

    public int Resumes { get; private set; }

    public int Terminations { get; private set; }

    public DataChannelAccess Access { get; } = new(new Uri("wss://service.invalid/"), "token");

    public ScriptedLink Link { get; private set; } = null!;

    /// <summary>There is a link that the test has not taken yet.</summary>
    public bool HasLink => _links.Reader.TryPeek(out _);

    public void OnResume(Func<DataChannelAccess?> answer) => _resumeAnswers.Enqueue(answer);

    /// <summary>What each attempt to open a link was signed with, in order.</summary>
    public List<string?> Signatures { get; } = [];

    /// <summary>Whether the service refuses an attempt that is signed with this.</summary>
    public Func<string?, bool> Forbids { get; set; } = _ => false;

    /// <summary>What the next attempts to open a link fail with.</summary>
    public Queue<LinkException> Refusals { get; } = new();

    /// <summary>Gives the signature of the next attempt.</summary>
    public Func<string?> Sign { get; set; } = () => "signature";

    public int RefusedSignatures { get; private set; }

    public Task<IDataChannelLink> ConnectAsync(
        DataChannelAccess access,
        IReadOnlyList<KeyValuePair<string, string>>? signature,
        CancellationToken cancellationToken
    )
    {
        Signatures.Add(signature?.Single().Value);
        if (Forbids(Signatures[^1]))
        {
            throw new LinkException("403") { Fault = LinkFault.Forbidden };
        }

        if (Refusals.TryDequeue(out var refusal))
        {
            throw refusal;
        }

        var link = new ScriptedLink();
        _links.Writer.TryWrite(link);
        return Task.FromResult<IDataChannelLink>(link);
    }

    public Task<DataChannelAccess?> ResumeAsync(CancellationToken cancellationToken)
    {
        Resumes++;
        return Task.FromResult(_resumeAnswers.TryDequeue(out var answer) ? answer() : Access);
    }

    public Task<IReadOnlyList<KeyValuePair<string, string>>?> SignAsync(Uri streamUrl, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<KeyValuePair<string, string>>?>(Sign() is { } signature ? [new("Authorization", signature)] : null);

    public void OnSignatureRefused() => RefusedSignatures++;

    public Task<Exception> DeniedAsync(CancellationToken cancellationToken) =>
        Task.FromResult<Exception>(new UnauthorizedAccessException("denied"));

    public Task TerminateAsync(CancellationToken cancellationToken)
    {
        Terminations++;
        return Task.CompletedTask;
    }

    public async Task<ScriptedLink> NextLinkAsync() => Link = await _links.Reader.ReadAsync().AsTask().WaitAsync(Hang.Limit);

    /// <summary>Plays the node's part of the handshake; the client has answered it and may send data when this returns.</summary>
    public async Task ShakeHandsAsync(string agentVersion = "3.3.0.0")
    {
        SendHandshakeRequest("SessionType", "Port", agentVersion);
        await Link.NextAsync(MessageType.Acknowledge);
        var response = await Link.NextAsync(MessageType.InputStreamData);
        Acknowledge(response);
        Send(PayloadType.HandshakeComplete, """{"HandshakeTimeToComplete":1,"CustomerMessage":""}""");
        await Link.NextAsync(MessageType.Acknowledge);
    }

    public void SendHandshakeRequest(string actionType, string sessionType, string agentVersion = "3.3.0.0")
    {
        var parameters = JsonSerializer.SerializeToElement(new { SessionType = sessionType });
        Send(
            PayloadType.HandshakeRequest,
            JsonSerializer.Serialize(
                new
                {
                    AgentVersion = agentVersion,
                    RequestedClientActions = new[] { new { ActionType = actionType, ActionParameters = parameters } },
                }
            )
        );
    }

    public void Send(PayloadType payloadType, string payload) =>
        Link.Arrive(MessageType.OutputStreamData, _nextSequenceNumber++, payloadType, Encoding.UTF8.GetBytes(payload));

    public void Acknowledge(SentMessage message)
    {
        var content = new byte[AcknowledgeContent.MaxBytes];
        var length = AcknowledgeContent.Write(
            content,
            MessageType.InputStreamData,
            message.Header.MessageId,
            message.Header.SequenceNumber
        );
        Link.Arrive(MessageType.Acknowledge, 0, PayloadType.None, content.AsSpan(0, length));
    }
}

internal sealed record SentMessage(ClientMessageHeader Header, byte[] Payload)
{
    /// <summary>Each transmission of a message has an id of its own; all else is the same.</summary>
    public ClientMessageHeader HeaderButForId => Header with { MessageId = Guid.Empty };

    public string Text => Encoding.UTF8.GetString(Payload);
}

internal sealed class ScriptedLink : IDataChannelLink
{
    private readonly Channel<byte[]> _arriving = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<SentMessage> _sent = Channel.CreateUnbounded<SentMessage>();

    public bool IsClosedInOrder { get; private set; }

    public bool HasSent => _sent.Reader.TryPeek(out _);

    public void Arrive(MessageType type, long sequenceNumber, PayloadType payloadType, ReadOnlySpan<byte> payload, Guid? messageId = null)
    {
        var message = new byte[ClientMessageCodec.OverheadBytes + payload.Length];
        ClientMessageCodec.Write(message, new(type, 1, sequenceNumber, 0, messageId ?? Guid.NewGuid(), payloadType), payload);
        ArriveBytes(message);
    }

    public void ArriveBytes(byte[] message) => _arriving.Writer.TryWrite(message);

    public void Cut() => Close(new LinkException("cut") { Fault = LinkFault.Cut });

    public void Close(LinkException why) => _arriving.Writer.TryComplete(why);

    public async Task<SentMessage> NextAsync(MessageType expected)
    {
        var message = await _sent.Reader.ReadAsync().AsTask().WaitAsync(Hang.Limit);
        Assert.Equal(expected, message.Header.MessageType);
        return message;
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _arriving.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException e) when (e.InnerException is LinkException cut)
        {
            throw new LinkException(cut.Message) { Fault = cut.Fault };
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        Assert.Equal(ClientMessageError.None, ClientMessageCodec.TryRead(message.Span, out var header, out var payload));
        _sent.Writer.TryWrite(new SentMessage(header, payload.ToArray()));
        return ValueTask.CompletedTask;
    }

    public void BeginBatch() { }

    public ValueTask EndBatchAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public Task CloseAsync(CancellationToken cancellationToken)
    {
        IsClosedInOrder = true;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Cut();
        return ValueTask.CompletedTask;
    }
}
