using System.Text.Json;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>A tunnel of a team's file, and the database's own name if the file says it.</summary>
internal sealed record SharedTunnel(OpenTunnelParams Tunnel, string? Database);

/// <summary>The file with which a team shares tunnels, as the editor reads it.</summary>
internal static class TeamFile
{
    public static readonly string Name = Path.Combine(".vscode", "rds-tunnels.json");

    /// <summary>A thousand tunnels and their comments.</summary>
    private const int MaxBytes = 1 << 20;

    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 16,
    };

    /// <summary>The file in this folder, or in the nearest one above that has one.</summary>
    /// <returns>Null when there is none.</returns>
    public static string? Find(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (Path.Combine(at.FullName, Name) is var path && File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>The tunnel of this name. Nothing but what an entry may hold is taken over: an
    /// endpoint of AWS, say, is no business of a file.</summary>
    /// <exception cref="TeamFileException">There is none, or the file cannot be used.</exception>
    public static SharedTunnel Read(string path, string name) =>
        Read(
            path,
            _ => IsOpenToEverybody(path) ? throw ChangeableByAll(path) : true,
            root => Find(root, name) ?? throw new TeamFileException($"{path} has no tunnel \"{name}\".{NamesIn(root)}")
        );

    /// <param name="isUsable">Asked before it is read; null for any.</param>
    /// <param name="use">Makes something of what the file says.</param>
    /// <exception cref="TeamFileException">The file cannot be used.</exception>
    public static T Read<T>(string path, Func<FileStream, bool>? isUsable, Func<JsonElement, T> use)
    {
        try
        {
            using var document = NamedFile.Read(path, MaxBytes, isUsable) is { } bytes
                ? JsonDocument.Parse(WithoutMark(bytes), Lenient)
                : throw new TeamFileException($"{path} is larger than {MaxBytes >> 20} MB, or can't be read within 2 s.");
            return use(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new TeamFileException($"{path} isn't valid JSON (line {e.LineNumber + 1}).");
        }
        catch (InvalidOperationException)
        {
            // A text that is not UTF-8, or half of a surrogate pair.
            throw new TeamFileException($"{path} isn't valid JSON: it has a string that is no Unicode.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TeamFileException($"{path} can't be read: {FileFault.Describe(e) ?? "it isn't a file path"}.");
        }
        catch (TeamFileException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new TeamFileException($"{path}: {e.Message}");
        }
    }

    private static ReadOnlyMemory<byte> WithoutMark(byte[] text) => text is [0xef, 0xbb, 0xbf, ..] ? text.AsMemory(3) : text;

    private static SharedTunnel? Find(JsonElement root, string name)
    {
        JsonElement[] named = [.. TunnelsIn(root).Where(each => NameOf(each) == name)];
        return named switch
        {
            [] => null,
            [var only] => new SharedTunnel(
                Entry(only, root) ?? throw new TeamFileException($"the tunnel \"{name}\" has no port."),
                DatabaseOf(only)
            ),
            _ => throw new TeamFileException($"{named.Length} tunnels are named \"{name}\"."),
        };
    }

    /// <summary>A tunnel, without the local port and password, which are each user's own.</summary>
    /// <returns>Null when it has no port.</returns>
    /// <exception cref="TeamFileException">A value is none.</exception>
    public static OpenTunnelParams? Entry(JsonElement tunnel, JsonElement root) =>
        Number(tunnel, "port") is not { } port
            ? null
            : new OpenTunnelParams(
                port,
                Text(tunnel, "target"),
                Text(tunnel, "host"),
                Name: Text(tunnel, "name"),
                Profile: Text(tunnel, "profile"),
                Region: Text(tunnel, "region"),
                Document: Text(tunnel, "document"),
                Reason: Text(tunnel, "reason") ?? Text(root, "reason"),
                Login: Text(tunnel, "login"),
                User: Text(tunnel, "user"),
                SecretId: Text(tunnel, "secretId"),
                Compress: Flag(tunnel, "compress"),
                LocalTls: Flag(tunnel, "localTls"),
                Socket: Flag(tunnel, "socket"),
                StartJumpHost: Flag(tunnel, "startJumpHost"),
                RequestAccess: Text(tunnel, "requestAccess")
            );

    public static JsonElement.ArrayEnumerator TunnelsIn(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("tunnels", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : throw new TeamFileException("expected an object with an array \"tunnels\".");

    private static string NamesIn(JsonElement root)
    {
        const int most = 10;
        string[] names = [.. TunnelsIn(root).Select(NameOf).OfType<string>().Take(most).Select(Plain)];
        return names.Length == 0 ? "" : $" It has: {string.Join(", ", names)}.";
    }

    /// <summary>What the file says, for a message.</summary>
    public static string Plain(string text) => ForeignText.Quote(text, maxChars: 80);

    public static string? NameOf(JsonElement tunnel) =>
        tunnel.ValueKind == JsonValueKind.Object && tunnel.TryGetProperty("name", out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static string? Text(JsonElement tunnel, string field) =>
        !tunnel.TryGetProperty(field, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new TeamFileException($"\"{field}\" must be a string.");

    public static string? DatabaseOf(JsonElement tunnel) =>
        Text(tunnel, "database") is not { } name ? null
        : TunnelRules.Database.ProblemOf(name) is { } wrong ? throw new TeamFileException($"\"{wrong.Field}\" {wrong.Problem}.")
        : name;

    public static bool Flag(JsonElement tunnel, string field) =>
        tunnel.TryGetProperty(field, out var value)
        && (
            value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? value.GetBoolean()
                : throw new TeamFileException($"\"{field}\" must be true or false.")
        );

    public static int? Number(JsonElement tunnel, string field) =>
        !tunnel.TryGetProperty(field, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw new TeamFileException($"\"{field}\" must be a number.");

    public static TeamFileException ChangeableByAll(string path) =>
        new($"{path} isn't used, because every user of this machine can change it.");

    // Whoever can put a file into a folder above, as in /tmp, must not decide where a connection leads.
    private static bool IsOpenToEverybody(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        return !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(path) | File.GetUnixFileMode(folder) | File.GetUnixFileMode(Path.GetDirectoryName(folder)!)).HasFlag(
                UnixFileMode.OtherWrite
            );
    }
}

/// <summary>A team's file says nothing that can be used; the message says why.</summary>
internal sealed class TeamFileException(string message) : Exception(message);
