namespace RdsTunnel.Databases.MySql;

/// <summary>What client and server can do: 32 bits, of which those are named that matter to a
/// sign-in. All others pass through as they are.</summary>
/// <remarks><see href="https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html"/></remarks>
[Flags]
#pragma warning disable CA1028 // as wide as on the wire
internal enum Capability : uint
#pragma warning restore CA1028
{
    None = 0,
    ConnectWithDatabase = 1 << 3,
    Compress = 1 << 5,
    Protocol41 = 1 << 9,
    Ssl = 1 << 11,
    SecureConnection = 1 << 15,
    PluginAuth = 1 << 19,
    ConnectAttributes = 1 << 20,
    PluginAuthLengthEncoded = 1 << 21,
    ZstdCompression = 1 << 26,
    MultiFactor = 1 << 28,

    /// <summary>Not offered to a tool: it speaks plain text, and one factor is asked of it at most.</summary>
    NotForTools = Ssl | Compress | ZstdCompression | MultiFactor,
}
