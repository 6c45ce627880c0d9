using System.Security.Cryptography;

namespace RdsTunnel.Databases.MySql;

/// <summary>The server's first packet, <c>HandshakeV10</c>.</summary>
/// <remarks><code>
/// 0a  version 00  thread id (4)  nonce (8) 00  capabilities (2, low)  charset (1)  status (2)  capabilities (2, high)
/// nonce's length (1)  reserved (10; MariaDB's own capabilities in the last 4)  nonce (12) 00  plugin 00
/// </code><see href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html"/></remarks>
/// <param name="Nonce">20 bytes that are random and never zero.</param>
/// <param name="Plugin">Empty when the server names none.</param>
internal sealed record Greeting(
    byte[] Version,
    uint ThreadId,
    Capability Capabilities,
    byte Charset,
    ushort Status,
    byte[] Reserved,
    byte[] Nonce,
    string Plugin
)
{
    public const int NonceBytes = 20;
    private const byte ProtocolVersion = 10;
    private const int FirstNonceBytes = 8;
    private const int ReservedBytes = 10;

    // A zero would end it for clients that read it as a string; above 127 it is no text.
    public static byte[] NewNonce()
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        for (var i = 0; i < nonce.Length; i++)
        {
            nonce[i] = (byte)(1 + (nonce[i] % 127));
        }

        return nonce;
    }

    /// <exception cref="MalformedPacketException">This is no greeting, or one of a server before MySQL 4.1.</exception>
    public static Greeting Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        if (reader.Byte() != ProtocolVersion)
        {
            throw new MalformedPacketException("the first packet isn't a greeting of protocol version 10");
        }

        var version = reader.ZeroTerminated().ToArray();
        var threadId = reader.UInt32();
        var nonce = new byte[NonceBytes];
        reader.Bytes(FirstNonceBytes).CopyTo(nonce);
        reader.Byte();
        var low = reader.UInt16();
        var charset = reader.Byte();
        var status = reader.UInt16();
        var capabilities = (Capability)(low | ((uint)reader.UInt16() << 16));
        if (!capabilities.HasFlag(Capability.Protocol41 | Capability.SecureConnection))
        {
            throw new MalformedPacketException("the server is older than MySQL 4.1");
        }

        var nonceBytes = reader.Byte();
        var reserved = reader.Bytes(ReservedBytes).ToArray();
        var second = reader.Bytes(Math.Max(NonceBytes + 1 - FirstNonceBytes, nonceBytes - FirstNonceBytes));
        second[..(NonceBytes - FirstNonceBytes)].CopyTo(nonce.AsSpan(FirstNonceBytes));
        var plugin = capabilities.HasFlag(Capability.PluginAuth) ? reader.PluginName() : "";
        return new Greeting(version, threadId, capabilities, charset, status, reserved, nonce, plugin);
    }

    public void Write(PayloadWriter writer)
    {
        writer.Byte(ProtocolVersion);
        writer.ZeroTerminated(Version);
        writer.UInt32(ThreadId);
        writer.Bytes(Nonce.AsSpan(0, FirstNonceBytes));
        writer.Byte(0);
        writer.UInt16((ushort)Capabilities);
        writer.Byte(Charset);
        writer.UInt16(Status);
        writer.UInt16((ushort)((uint)Capabilities >> 16));
        writer.Byte(Capabilities.HasFlag(Capability.PluginAuth) ? (byte)(NonceBytes + 1) : (byte)0);
        writer.Bytes(Reserved);
        writer.ZeroTerminated(Nonce.AsSpan(FirstNonceBytes));
        if (Capabilities.HasFlag(Capability.PluginAuth))
        {
            writer.ZeroTerminated(Plugin);
        }
    }
}
