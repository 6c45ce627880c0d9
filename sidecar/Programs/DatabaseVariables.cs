using System.Text.RegularExpressions;

namespace RdsTunnel.Programs;

/// <summary>A database as a program on this machine reaches it.</summary>
/// <param name="User">Null when it is not known.</param>
/// <param name="Database">Null when it is not known.</param>
/// <param name="IsPlain">The tunnel speaks TLS to the database: there is none as far as the local port.</param>
/// <param name="OffersTls">The database does, and the program has to speak it.</param>
/// <param name="Authority">A file with the authorities that issue the certificates of AWS's databases.</param>
public sealed record ReachedDatabase(
    DatabaseKind Kind,
    int LocalPort,
    string? User,
    string? Database,
    bool IsPlain,
    bool OffersTls,
    string Authority
);

/// <summary>The environment in which programs find a database. There is never a password in it.</summary>
public static partial class DatabaseVariables
{
    private const string Host = "127.0.0.1";

    /// <summary>What a template of <c>--env</c> may hold.</summary>
    public static IReadOnlyList<string> Placeholders { get; } = ["host", "port", "user", "database", "url", "authority"];

    /// <summary>By the names that each kind's own programs, and most libraries, read; null for a
    /// variable that would lead elsewhere, and is taken out.</summary>
    public static IReadOnlyDictionary<string, string?> Of(ReachedDatabase database)
    {
        var (port, variables) = ($"{database.LocalPort}", new Dictionary<string, string?>(StringComparer.Ordinal));
        switch (database.Kind)
        {
            case DatabaseKind.Postgres:
                variables = new(StringComparer.Ordinal)
                {
                    ["PGHOST"] = Host,
                    ["PGHOSTADDR"] = Host,
                    ["PGPORT"] = port,
                    ["PGSERVICE"] = null,
                    ["PGSSLMODE"] =
                        database.IsPlain ? "disable"
                        : database.OffersTls ? "verify-ca"
                        : "prefer",
                };
                AddIfKnown("PGUSER", database.User);
                AddIfKnown("PGDATABASE", database.Database);
                AddIfKnown("PGSSLROOTCERT", database is { IsPlain: false, OffersTls: true } ? database.Authority : null);
                break;
            case DatabaseKind.MySql:
                // The client reads MYSQL_TCP_PORT, most programs MYSQL_PORT.
                variables = new(StringComparer.Ordinal)
                {
                    ["MYSQL_HOST"] = Host,
                    ["MYSQL_TCP_PORT"] = port,
                    ["MYSQL_PORT"] = port,
                };
                AddIfKnown("MYSQL_USER", database.User);
                AddIfKnown("MYSQL_DATABASE", database.Database);
                break;
            case DatabaseKind.Redis:
                variables = new(StringComparer.Ordinal)
                {
                    ["REDIS_URL"] = UrlOf(database),
                    ["REDIS_HOST"] = Host,
                    ["REDIS_PORT"] = port,
                };
                break;
            case DatabaseKind.MongoDb:
                variables = new(StringComparer.Ordinal) { ["MONGODB_URI"] = UrlOf(database) };
                break;
            case DatabaseKind.SqlServer:
                variables = new(StringComparer.Ordinal) { ["SQLCMDSERVER"] = $"{Host},{port}" };
                AddIfKnown("SQLCMDUSER", database.User);
                AddIfKnown("SQLCMDDBNAME", database.Database);
                break;
        }

        if (database.Kind is DatabaseKind.Postgres or DatabaseKind.MySql or DatabaseKind.MongoDb)
        {
            variables["DATABASE_URL"] = UrlOf(database);
        }

        return variables;

        void AddIfKnown(string name, string? value)
        {
            if (value is not null)
            {
                variables[name] = value;
            }
        }
    }

    /// <summary>Empty for a kind that has no usual form of URL.</summary>
    public static string UrlOf(ReachedDatabase database)
    {
        var user = database.User is { } name ? $"{Uri.EscapeDataString(name)}@" : "";
        var path = Uri.EscapeDataString(database.Database ?? "");
        var (address, authority) = ($"{user}{Host}:{database.LocalPort}", Uri.EscapeDataString(database.Authority));
        return database.Kind switch
        {
            DatabaseKind.Postgres => $"postgresql://{address}/{path}"
                + (
                    database.IsPlain ? "?sslmode=disable"
                    : database.OffersTls ? $"?sslmode=verify-ca&sslrootcert={authority}"
                    : ""
                ),
            DatabaseKind.MySql => $"mysql://{address}/{path}",
            DatabaseKind.Redis => $"{(database.OffersTls ? "rediss" : "redis")}://{address}" + (path is "" ? "" : $"/{path}"),
            DatabaseKind.MongoDb => $"mongodb://{address}/{path}?directConnection=true&retryWrites=false"
                + (database.OffersTls ? $"&tls=true&tlsCAFile={authority}&tlsAllowInvalidHostnames=true" : ""),
            _ => "",
        };
    }

    /// <summary><c>MY_URL={url}</c>: its name and its value.</summary>
    public static (string Name, string Value) Fill(string template, ReachedDatabase database)
    {
        var (name, value) = Cut(template);
        return (
            name,
            Placeholder()
                .Replace(
                    value,
                    match =>
                        match.Groups[1].Value switch
                        {
                            "host" => Host,
                            "port" => $"{database.LocalPort}",
                            "user" => database.User ?? "",
                            "database" => database.Database ?? "",
                            "url" => UrlOf(database),
                            "authority" => database.Authority,
                            _ => match.Value,
                        }
                )
        );
    }

    /// <summary>Null when nothing is wrong with a template.</summary>
    public static string? ProblemOf(string template) =>
        Cut(template).Name is "" ? "needs a name and a value, as in MY_URL={url}"
        : Placeholder().Matches(template).Select(match => match.Groups[1].Value).FirstOrDefault(each => !Placeholders.Contains(each))
            is { } unknown
            ? $"has no placeholder {{{unknown}}}: there are {string.Join(", ", Placeholders.Select(each => $"{{{each}}}"))}"
        : null;

    private static (string Name, string Value) Cut(string template) =>
        template.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? (template[..at], template[(at + 1)..]) : ("", "");

    [GeneratedRegex(@"\{([a-zA-Z]+)\}")]
    private static partial Regex Placeholder();
}
