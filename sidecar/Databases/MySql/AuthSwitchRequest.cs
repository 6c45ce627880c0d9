using System.Text;

namespace RdsTunnel.Databases.MySql;

/// <summary>The server wants another plugin's answer: <code>fe  plugin 00  data</code></summary>
/// <param name="Data">For most plugins a nonce of 20 bytes and a zero; for MariaDB's own ones, a nonce of 32 bytes, of which any may be zero.</param>
internal sealed record AuthSwitchRequest(string Plugin, byte[] Data)
{
    /// <summary>A packet of one byte asks for the password's hash of MySQL 3, which is not secure; this is its plugin's name.</summary>
    public const string OldPassword = "mysql_old_password";

    private const byte Mark = 0xfe;

    /// <summary>Of the plugins whose nonce has 20 bytes; shorter where the data is.</summary>
    public byte[] Nonce => Data[..Math.Min(Data.Length, Greeting.NonceBytes)];

    public void Write(PayloadWriter writer)
    {
        writer.Byte(Mark);
        writer.ZeroTerminated(Encoding.ASCII.GetBytes(Plugin));
        writer.Bytes(Data);
    }

    /// <exception cref="MalformedPacketException"/>
    public static AuthSwitchRequest Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        reader.Byte();
        if (reader.IsAtEnd)
        {
            return new AuthSwitchRequest(OldPassword, []);
        }

        var plugin = reader.PluginName();
        return new AuthSwitchRequest(plugin, reader.Rest().ToArray());
    }
}
