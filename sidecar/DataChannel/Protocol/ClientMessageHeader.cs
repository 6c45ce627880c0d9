namespace RdsTunnel.DataChannels.Protocol;

/// <summary>The fields of a ClientMessage that carry meaning.</summary>
/// <param name="CreatedDateMilliseconds">Unix time; never 0.</param>
/// <param name="Flags">Bit 0 SYN, bit 1 FIN.</param>
public readonly record struct ClientMessageHeader(
    MessageType MessageType,
    long CreatedDateMilliseconds,
    long SequenceNumber,
    ulong Flags,
    Guid MessageId,
    PayloadType PayloadType
)
{
    public const ulong SynFlag = 1;
    public const ulong FinFlag = 2;
}

/// <summary>Why bytes are not a ClientMessage.</summary>
public enum ClientMessageError
{
    None,
    TooShort,
    HeaderLength,
    SchemaVersion,
    CreatedDate,
    PayloadLength,
    Digest,

    /// <summary>The payload is not what its message type says.</summary>
    Content,
}
