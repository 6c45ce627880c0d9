using System.Buffers;

namespace RdsTunnel.Emulator.Wire;

/// <summary>One binary message on its way through the relay, in a rented buffer. Who holds it last releases it, once.</summary>
internal readonly struct RelayMessage(byte[] buffer, int length)
{
    public int Length { get; } = length;

    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => buffer.AsSpan(0, Length);

    public static RelayMessage CopyOf(ReadOnlySpan<byte> bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        return new RelayMessage(buffer, bytes.Length);
    }

    public void Release() => ArrayPool<byte>.Shared.Return(buffer);
}
