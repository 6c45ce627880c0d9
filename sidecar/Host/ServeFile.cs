using System.Text.Json;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>All tunnels of a file, for a process that nobody watches: what is wrong or unknown in it is an error, with its place.</summary>
internal static class ServeFile
{
    private static readonly string[] KeysOfFile = ["$schema", "reason", "tunnels"];

    /// <summary>As the schema of the file has them. The database's own name and what terminals get are for editors and programs.</summary>
    internal static readonly string[] KeysOfTunnel =
    [
        .. new FieldRule[]
        {
            TunnelRules.Name,
            TunnelRules.Host,
            TunnelRules.Port,
            TunnelRules.LocalPort,
            TunnelRules.Target,
            TunnelRules.Profile,
            TunnelRules.Region,
            TunnelRules.Document,
            TunnelRules.Reason,
            TunnelRules.Socket,
            TunnelRules.Login,
            TunnelRules.User,
            TunnelRules.SecretId,
            TunnelRules.Compress,
            TunnelRules.LocalTls,
            TunnelRules.LocalPassword,
            TunnelRules.StartJumpHost,
            TunnelRules.RequestAccess,
            TunnelRules.Database,
        }.Select(rule => rule.Field),
        "environment",
    ];

    /// <param name="names">Of the tunnels that are meant; all when empty.</param>
    /// <param name="firstPort">For tunnels without a local port: the first gets it, each other one the next; null for the database's own.</param>
    /// <param name="inFolder">Where each tunnel gets a socket file; null for none.</param>
    /// <param name="localPassword">Finds the local password of tunnels that have one, or what is wrong with it.</param>
    /// <returns>In the file's order, with ports.</returns>
    /// <exception cref="TeamFileException">The file cannot be used; the message names the entry and its key.</exception>
    public static IReadOnlyList<ServedTunnel> Read(
        string path,
        IReadOnlyList<string> names,
        int? firstPort,
        string? inFolder,
        Func<(string? Text, string? Problem)> localPassword
    ) =>
        TeamFile.Read(
            path,
            // Its folder is the operator's business: those of Kubernetes' volumes are open to all, and mounted read-only.
            file =>
                OperatingSystem.IsWindows() || !File.GetUnixFileMode(file.SafeFileHandle).HasFlag(UnixFileMode.OtherWrite)
                    ? true
                    : throw TeamFile.ChangeableByAll(path),
            root =>
            {
                var entries = Entries(root, names);
                var requests = WithPorts(
                    [.. entries.Select(entry => (entry.Place, Request(entry, root, inFolder, localPassword)))],
                    firstPort,
                    inFolder is not null
                );
                return entries.Select((entry, index) => new ServedTunnel(requests[index], Named(entry, TeamFile.DatabaseOf))).ToList();
            }
        );

    private static List<Entry> Entries(JsonElement root, IReadOnlyList<string> names)
    {
        var tunnels = TeamFile.TunnelsIn(root);
        RequireKnown(root, KeysOfFile, "");
        List<Entry> entries = [.. tunnels.Select((tunnel, index) => new Entry(PlaceOf(tunnel, index), tunnel))];
        foreach (var (place, tunnel) in entries)
        {
            if (tunnel.ValueKind != JsonValueKind.Object)
            {
                throw new TeamFileException($"{place} must be an object.");
            }

            RequireKnown(tunnel, KeysOfTunnel, $"{place}: ");
        }

        if (
            entries.GroupBy(entry => TeamFile.NameOf(entry.Tunnel)).FirstOrDefault(same => same.Key is not null && same.Count() > 1) is
            { } same
        )
        {
            throw new TeamFileException($"{same.Last().Place}: \"name\" is that of {same.First().Place}, too. Give each tunnel its own.");
        }

        foreach (var name in names)
        {
            if (!entries.Exists(entry => TeamFile.NameOf(entry.Tunnel) == name))
            {
                throw new TeamFileException($"there is no tunnel \"{name}\".");
            }
        }

        return names.Count == 0 ? entries : [.. entries.Where(entry => names.Contains(TeamFile.NameOf(entry.Tunnel)))];
    }

    private static TunnelRequest Request(
        Entry entry,
        JsonElement root,
        string? inFolder,
        Func<(string? Text, string? Problem)> localPassword
    )
    {
        var tunnel = Named(
            entry,
            element =>
                (TeamFile.Entry(element, root) ?? throw new TeamFileException("\"port\" is missing.")) with
                {
                    LocalPort = TeamFile.Number(element, TunnelRules.LocalPort.Field) ?? 0,
                    LocalPassword = TeamFile.Flag(element, TunnelRules.LocalPassword.Field),
                }
        );
        if (tunnel.LocalPassword)
        {
            var (text, problem) = localPassword();
            tunnel = problem is null
                ? tunnel with
                {
                    LocalPasswordText = text,
                }
                : throw new TeamFileException($"{entry.Place}: \"{TunnelRules.LocalPassword.Field}\": {problem}");
        }

        if (tunnel.Read(out var request) is { } wrong)
        {
            throw new TeamFileException($"{entry.Place}: \"{wrong.Field}\" {wrong.Problem}.");
        }

        if (inFolder is null)
        {
            return request;
        }

        return IsFileName(request.Name)
            ? request with
            {
                Socket = true,
            }
            : throw new TeamFileException(
                $"{entry.Place}: \"{TunnelRules.Name.Field}\" can't be the name of a socket file. Give the tunnel a name without slashes."
            );
    }

    private static T Named<T>(Entry entry, Func<JsonElement, T> read)
    {
        try
        {
            return read(entry.Tunnel);
        }
        catch (TeamFileException e)
        {
            throw new TeamFileException($"{entry.Place}: {e.Message}");
        }
    }

    // 0 stays for any free port, where there are socket files.
    private static List<TunnelRequest> WithPorts(
        IReadOnlyList<(string Place, TunnelRequest Request)> entries,
        int? firstPort,
        bool hasSockets
    )
    {
        var taken = new Dictionary<int, string>();
        foreach (var (place, request) in entries.Where(entry => entry.Request.LocalPort != 0))
        {
            if (!taken.TryAdd(request.LocalPort, place))
            {
                throw new TeamFileException(
                    $"{place}: \"{TunnelRules.LocalPort.Field}\" is {request.LocalPort}, that of {taken[request.LocalPort]}, too."
                );
            }
        }

        var next = firstPort;
        List<TunnelRequest> all = [];
        foreach (var (place, request) in entries)
        {
            if (request.LocalPort != 0 || (hasSockets && firstPort is null))
            {
                all.Add(request);
                continue;
            }

            var port = next ?? request.Port;
            while (!taken.TryAdd(port, place))
            {
                port++;
            }

            if (port > TunnelRules.LocalPort.Max)
            {
                throw new TeamFileException($"{place}: there is no local port left. Set \"{TunnelRules.LocalPort.Field}\".");
            }

            next = firstPort is null ? null : port + 1;
            all.Add(request with { LocalPort = port });
        }

        return all;
    }

    private static bool IsFileName(string? name) => name is not (null or "." or "..") && name.IndexOfAny(['/', '\\']) < 0;

    private static void RequireKnown(JsonElement element, string[] known, string place)
    {
        if (
            element.EnumerateObject().FirstOrDefault(each => !known.Contains(each.Name)) is
            { Value.ValueKind: not JsonValueKind.Undefined } unknown
        )
        {
            throw new TeamFileException($"{place}unknown key \"{TeamFile.Plain(unknown.Name)}\". Known: {string.Join(", ", known)}.");
        }
    }

    // tunnels[2] "orders"
    private static string PlaceOf(JsonElement tunnel, int index) =>
        $"tunnels[{index}]{(TeamFile.NameOf(tunnel) is { } name ? $" \"{TeamFile.Plain(name)}\"" : "")}";

    private sealed record Entry(string Place, JsonElement Tunnel);
}

/// <summary>A tunnel of the file, with its local port.</summary>
/// <param name="Database">The database's own name, for its test; null for the user's.</param>
internal sealed record ServedTunnel(TunnelRequest Request, string? Database);
