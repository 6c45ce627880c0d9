using System.Buffers.Binary;

namespace RdsTunnel.Emulator.Tests.Support;

/// <summary>smux frames by hand.</summary>
internal static class SmuxFrames
{
    public static byte[] Syn(uint streamId) => Frame(0, streamId, []);

    public static byte[] Fin(uint streamId) => Frame(1, streamId, []);

    public static byte[] Push(uint streamId, byte[] data) => Frame(2, streamId, data);

    public static byte[] Nop { get; } = Frame(3, 0, []);

    /// <summary>Opens a stream and sends its first data.</summary>
    public static byte[] Open(uint streamId, byte[] data) => [.. Syn(streamId), .. Push(streamId, data)];

    private static byte[] Frame(byte command, uint streamId, byte[] data)
    {
        var frame = new byte[8 + data.Length];
        frame[0] = 1;
        frame[1] = command;
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(2), (ushort)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), streamId);
        data.CopyTo(frame, 8);
        return frame;
    }
}
