namespace RdsTunnel.Databases.MySql;

/// <summary>What a client answers to the greeting, <c>HandshakeResponse41</c>. Its first 32 bytes alone are an <c>SSLRequest</c>.</summary>
/// <remarks><code>
/// capabilities (4)  max packet (4)  charset (1)  reserved (23; MariaDB's own capabilities in the last 4)
/// user 00  answer (length-encoded)  [database 00]  [plugin 00]  [attributes (length-encoded)]
/// </code><see href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_response.html"/></remarks>
/// <param name="Answer">What the plugin makes of password and nonce.</param>
/// <param name="Database">Null when none is named.</param>
/// <param name="Plugin">Null when none is named.</param>
/// <param name="Attributes">Names and values, as they came; null when there are none.</param>
internal sealed record HandshakeResponse(
    Capability Capabilities,
    uint MaxPacketBytes,
    byte Charset,
    byte[] Reserved,
    byte[] User,
    ReadOnlyMemory<byte> Answer,
    byte[]? Database,
    string? Plugin,
    byte[]? Attributes
)
{
    public const int SslRequestBytes = 32;
    private const int ReservedBytes = 23;

    public static bool IsSslRequest(ReadOnlySpan<byte> payload) =>
        payload.Length == SslRequestBytes && ((Capability)new PayloadReader(payload).UInt32()).HasFlag(Capability.Ssl);

    /// <exception cref="MalformedPacketException">This is none, or one of a client before MySQL 4.1.</exception>
    public static HandshakeResponse Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        var capabilities = (Capability)reader.UInt32();
        if (!capabilities.HasFlag(Capability.Protocol41))
        {
            throw new MalformedPacketException("the client is older than MySQL 4.1");
        }

        var maxPacketBytes = reader.UInt32();
        var charset = reader.Byte();
        var reserved = reader.Bytes(ReservedBytes).ToArray();
        var user = reader.ZeroTerminated().ToArray();
        var answer = ReadAnswer(ref reader, capabilities);
        // Some clients set the flags and end the packet here.
        var database =
            capabilities.HasFlag(Capability.ConnectWithDatabase) && !reader.IsAtEnd ? reader.ZeroTerminatedOrRest().ToArray() : null;
        var plugin = capabilities.HasFlag(Capability.PluginAuth) && !reader.IsAtEnd ? reader.PluginName() : null;
        var attributes = capabilities.HasFlag(Capability.ConnectAttributes) && !reader.IsAtEnd ? reader.LengthEncoded().ToArray() : null;
        return new HandshakeResponse(capabilities, maxPacketBytes, charset, reserved, user, answer, database, plugin, attributes);
    }

    /// <summary>MySQL takes capabilities and charset from this one, and not from the response that
    /// follows: both have to say the same.</summary>
    public void WriteSslRequest(PayloadWriter writer)
    {
        writer.UInt32((uint)Capabilities);
        writer.UInt32(MaxPacketBytes);
        writer.Byte(Charset);
        writer.Bytes(Reserved);
    }

    /// <exception cref="ArgumentOutOfRangeException">The answer is too long for a server that knows no length-encoded ones.</exception>
    public void Write(PayloadWriter writer)
    {
        WriteSslRequest(writer);
        writer.ZeroTerminated(User);
        if (Capabilities.HasFlag(Capability.PluginAuthLengthEncoded))
        {
            writer.LengthEncoded(Answer.Span);
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(Answer.Length, byte.MaxValue);
            writer.Byte((byte)Answer.Length);
            writer.Bytes(Answer.Span);
        }

        if (Capabilities.HasFlag(Capability.ConnectWithDatabase))
        {
            writer.ZeroTerminated(Database);
        }

        if (Capabilities.HasFlag(Capability.PluginAuth))
        {
            writer.ZeroTerminated(Plugin ?? "");
        }

        if (Capabilities.HasFlag(Capability.ConnectAttributes))
        {
            writer.LengthEncoded(Attributes);
        }
    }

    private static byte[] ReadAnswer(ref PayloadReader reader, Capability capabilities) =>
        capabilities.HasFlag(Capability.PluginAuthLengthEncoded) ? reader.LengthEncoded().ToArray()
        : capabilities.HasFlag(Capability.SecureConnection) ? reader.Bytes(reader.Byte()).ToArray()
        : reader.ZeroTerminated().ToArray();
}
