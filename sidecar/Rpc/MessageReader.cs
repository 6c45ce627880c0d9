using System.Buffers;
using System.IO.Pipelines;
using StreamJsonRpc;

namespace RdsTunnel.Rpc;

/// <summary>Cuts a byte stream into messages. For one reader at a time.</summary>
internal sealed class MessageReader(PipeReader input)
{
    /// <summary>Two header lines need about 100 bytes; this leaves room for ones that we do not know.</summary>
    public const int MaxHeaderBytes = 4 * 1024;

    /// <summary>The longest parameters that make sense are a few kilobytes; a longer message is skipped without being kept.</summary>
    public const int MaxMessageBytes = 1024 * 1024;

    /// <summary>The next message's content; null at the end of the input.</summary>
    /// <exception cref="FramingException">The header is broken; the connection is of no use any more.</exception>
    /// <exception cref="InvalidMessageException">This message was skipped: too long, or not UTF-8. The next one can be read.</exception>
    /// <exception cref="EndOfStreamException">The input ended within a message.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await ReadHeaderAsync(cancellationToken).ConfigureAwait(false) is not { } header)
        {
            return null;
        }

        if (header.ContentLengthBytes > MaxMessageBytes)
        {
            await ConsumeAsync(header.ContentLengthBytes, destination: null, cancellationToken).ConfigureAwait(false);
            throw Skipped(
                RpcErrorCode.InvalidRequest,
                $"The message has {header.ContentLengthBytes} bytes; at most {MaxMessageBytes} are read."
            );
        }

        var content = new byte[header.ContentLengthBytes];
        await ConsumeAsync(content.Length, content, cancellationToken).ConfigureAwait(false);
        return header.IsUtf8 ? content : throw Skipped(RpcErrorCode.ParseError, "Content-Type names a charset other than utf-8.");
    }

    private static InvalidMessageException Skipped(RpcErrorCode code, string message) => new(RequestId.Null, new(code, message));

    private async ValueTask<MessageHeader?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (TryCutHeader(result.Buffer, out var lines, out var next))
            {
                var header = MessageHeader.Parse(lines);
                input.AdvanceTo(next);
                return header;
            }

            if (result.Buffer.Length > MaxHeaderBytes)
            {
                throw TooLong();
            }

            if (result.IsCompleted)
            {
                return result.Buffer.IsEmpty ? null : throw new EndOfStreamException("The input ended within a header.");
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static bool TryCutHeader(ReadOnlySequence<byte> buffer, out ReadOnlySpan<byte> lines, out SequencePosition next)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out ReadOnlySequence<byte> block, "\r\n\r\n"u8);
        if (block.Length > MaxHeaderBytes)
        {
            throw TooLong();
        }

        lines = found ? block.ToArray() : [];
        next = reader.Position;
        return found;
    }

    private static FramingException TooLong() => new($"A header is longer than {MaxHeaderBytes} bytes.");

    /// <summary>Takes exactly <paramref name="countBytes"/> from the input as they arrive; without
    /// a destination they are thrown away.</summary>
    private async ValueTask ConsumeAsync(long countBytes, Memory<byte>? destination, CancellationToken cancellationToken)
    {
        var takenBytes = 0L;
        while (takenBytes < countBytes)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, countBytes - takenBytes));
            if (part.IsEmpty && result.IsCompleted)
            {
                throw new EndOfStreamException("The input ended within a message.");
            }

            if (destination is { } memory)
            {
                part.CopyTo(memory.Span[(int)takenBytes..]);
            }

            takenBytes += part.Length;
            input.AdvanceTo(part.End);
        }
    }
}
