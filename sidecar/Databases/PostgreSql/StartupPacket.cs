using System.Buffers.Binary;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

internal enum StartupKind
{
    /// <summary>Nothing that a PostgreSQL client says first.</summary>
    Unknown,
    Startup,
    TlsRequest,
    GssRequest,
    Cancel,
}

/// <summary>The first message of a client, which has no letter before it.</summary>
/// <remarks><code>
/// length of all (4)  80877103          may TLS begin?
/// length of all (4)  80877104          may GSS encryption begin?
/// length of all (4)  80877102  process (4)  key (4, up to 256 with protocol 3.2)
/// length of all (4)  major (2) minor (2)  name 00 value 00 … 00
/// </code></remarks>
internal sealed class StartupPacket
{
    /// <summary>PostgreSQL's own limit, which does not count the length.</summary>
    public const int MaxBytes = 10_004;

    public const int HeaderBytes = 8;

    private const int CancelCode = 80_877_102;
    private const int TlsCode = 80_877_103;
    private const int GssCode = 80_877_104;
    private const int MajorVersion = 3;

    /// <summary>Of any message of any version; the letters of a text, read as a length, are far more.</summary>
    private const int MaxPossibleBytes = 1 << 24;

    private const int MinCancelBytes = 16;
    private const int MaxCancelBytes = 12 + 256;

    private StartupPacket(StartupKind kind, byte[] bytes, IReadOnlyList<(string Name, string Value)> parameters)
    {
        Kind = kind;
        Bytes = bytes;
        Parameters = parameters;
    }

    public StartupKind Kind { get; }

    /// <summary>As it came.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>In the order of the client.</summary>
    public IReadOnlyList<(string Name, string Value)> Parameters { get; }

    /// <summary>What is still to come behind a header; null when no client of PostgreSQL begins so.</summary>
    public static int? RestOf(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(header);
        var code = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        var isPossible = code switch
        {
            TlsCode or GssCode => length == HeaderBytes,
            CancelCode => length is >= MinCancelBytes and <= MaxCancelBytes,
            _ => code >> 16 == MajorVersion && length is > HeaderBytes and <= MaxBytes,
        };
        return isPossible ? length - HeaderBytes : null;
    }

    /// <summary>It looks like a startup message, and is none that is taken.</summary>
    public static bool IsOfAnotherVersion(ReadOnlySpan<byte> header) =>
        BinaryPrimitives.ReadInt32BigEndian(header) is > HeaderBytes and < MaxPossibleBytes
        && BinaryPrimitives.ReadInt32BigEndian(header[4..]) >> 16 is > 0 and < 10;

    /// <param name="bytes">All of it, as its header says.</param>
    public static StartupPacket Parse(byte[] bytes) =>
        BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(4)) switch
        {
            TlsCode => new(StartupKind.TlsRequest, bytes, []),
            GssCode => new(StartupKind.GssRequest, bytes, []),
            CancelCode => new(StartupKind.Cancel, bytes, []),
            _ => ReadParameters(bytes) is { } parameters
                ? new(StartupKind.Startup, bytes, parameters)
                : new(StartupKind.Unknown, bytes, []),
        };

    /// <summary>The same for another user. Everything else stays, the protocol's version included;
    /// a database that is named only by default stays the one that the tool meant.</summary>
    /// <exception cref="LoginException">It is too long for a server then.</exception>
    public byte[] For(string user)
    {
        using var packet = new MemoryStream();
        packet.Write(Bytes.Span[..HeaderBytes]);
        Write(packet, "user", Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(user)));
        if ((Last("database") ?? Last("user")) is { } database)
        {
            Write(packet, "database", database);
        }

        foreach (var (name, value) in Parameters.Where(one => one.Name is not ("user" or "database")))
        {
            Write(packet, name, value);
        }

        packet.WriteByte(0);
        var bytes = packet.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        return bytes.Length <= MaxBytes
            ? bytes
            : throw new LoginException(
                LoginError.ToolUnsupported,
                "The program's connection settings are too long: with the login's user, they exceed PostgreSQL's limit of 10,000 bytes."
            );
    }

    // As servers take them: the last one counts, and an empty one is none.
    private string? Last(string name) => Parameters.LastOrDefault(one => one.Name == name).Value is { Length: > 0 } value ? value : null;

    private static void Write(MemoryStream packet, string name, string value)
    {
        packet.Write(Encoding.Latin1.GetBytes(name));
        packet.WriteByte(0);
        packet.Write(Encoding.Latin1.GetBytes(value));
        packet.WriteByte(0);
    }

    // Null when they are none. Latin-1 keeps every byte as it is: the client's encoding is not known.
    private static List<(string Name, string Value)>? ReadParameters(byte[] bytes)
    {
        var parameters = new List<(string, string)>();
        var rest = bytes.AsSpan(HeaderBytes);
        while (rest.Length > 1)
        {
            var nameEnd = rest.IndexOf((byte)0);
            var valueEnd = nameEnd < 1 ? -1 : rest[(nameEnd + 1)..].IndexOf((byte)0);
            if (valueEnd < 0)
            {
                return null;
            }

            parameters.Add((Encoding.Latin1.GetString(rest[..nameEnd]), Encoding.Latin1.GetString(rest.Slice(nameEnd + 1, valueEnd))));
            rest = rest[(nameEnd + valueEnd + 2)..];
        }

        return rest.Length == 1 && rest[0] == 0 ? parameters : null;
    }
}
