using System.Text;

namespace RdsTunnel.Databases.MySql;

/// <summary>The server wants another plugin's answer: <code>fe  plugin 00  nonce (20) 00</code></summary>
/// <param name="Data">The nonce, for the plugins that have one.</param>
internal sealed record AuthSwitchRequest(string Plugin, byte[] Data)
{
    /// <summary>A packet of one byte asks for the password's hash of MySQL 3, which is not secure; this is its plugin's name.</summary>
    public const string OldPassword = "mysql_old_password";

    private const byte Mark = 0xfe;

    public void Write(PayloadWriter writer)
    {
        writer.Byte(Mark);
        writer.ZeroTerminated(Encoding.ASCII.GetBytes(Plugin));
        writer.ZeroTerminated(Data);
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
        var data = reader.Rest();
        return new AuthSwitchRequest(plugin, (data is [.., 0] ? data[..^1] : data).ToArray());
    }
}
