namespace RdsTunnel.Programs;

/// <summary>What a database's programs expect of the environment depends on it.</summary>
public enum DatabaseKind
{
    /// <summary>PostgreSQL, Redshift, DSQL.</summary>
    Postgres,

    /// <summary>MySQL, MariaDB.</summary>
    MySql,

    /// <summary>Redis, Valkey.</summary>
    Redis,

    /// <summary>DocumentDB.</summary>
    MongoDb,

    /// <summary>SQL Server.</summary>
    SqlServer,

    /// <summary>Any other: its programs have no variables in common.</summary>
    Other,
}

/// <summary>What kind a database is, by what is known of it without asking.</summary>
public static class DatabaseKinds
{
    /// <summary>As it is typed.</summary>
    public static IReadOnlyDictionary<string, DatabaseKind> Named { get; } =
        new Dictionary<string, DatabaseKind>(StringComparer.Ordinal)
        {
            ["postgres"] = DatabaseKind.Postgres,
            ["mysql"] = DatabaseKind.MySql,
            ["redis"] = DatabaseKind.Redis,
            ["mongodb"] = DatabaseKind.MongoDb,
            ["sqlserver"] = DatabaseKind.SqlServer,
        };

    /// <summary>By the names of services whose databases are of one kind; else by the port.</summary>
    public static DatabaseKind Of(string? host, int port) =>
        host?.TrimEnd('.').ToUpperInvariant() switch
        {
            { } name when name.Contains(".DOCDB", StringComparison.Ordinal) => DatabaseKind.MongoDb,
            { } name
                when name.Contains(".CACHE.AMAZONAWS.", StringComparison.Ordinal)
                    || name.Contains(".MEMORYDB.", StringComparison.Ordinal) => port == 11211 ? DatabaseKind.Other : DatabaseKind.Redis,
            { } name when name.Contains(".REDSHIFT", StringComparison.Ordinal) || name.Contains(".DSQL.", StringComparison.Ordinal) =>
                DatabaseKind.Postgres,
            _ => port switch
            {
                3306 or 33060 => DatabaseKind.MySql,
                6379 or 6380 => DatabaseKind.Redis,
                27017 => DatabaseKind.MongoDb,
                1433 => DatabaseKind.SqlServer,
                1521 or 2484 or 8182 or 443 or 11211 => DatabaseKind.Other,
                _ => DatabaseKind.Postgres, // and what is likeliest on a port that somebody chose
            },
        };

    /// <summary>Whether its variables say how its TLS is spoken: then it has to be known whether it does.</summary>
    public static bool NamesTls(this DatabaseKind kind) => kind is DatabaseKind.Postgres or DatabaseKind.Redis or DatabaseKind.MongoDb;

    public static int UsualPort(this DatabaseKind kind) =>
        kind switch
        {
            DatabaseKind.Postgres => 5432,
            DatabaseKind.MySql => 3306,
            DatabaseKind.Redis => 6379,
            DatabaseKind.MongoDb => 27017,
            DatabaseKind.SqlServer => 1433,
            _ => 1521,
        };
}
