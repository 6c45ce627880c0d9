using RdsTunnel.Programs;

namespace RdsTunnel.Host.Tests;

public sealed class DatabaseVariablesTests
{
    [Theory]
    [InlineData(DatabaseKind.Postgres, true, "postgresql://a%20b@127.0.0.1:15432/o%2Fs?sslmode=verify-ca&sslrootcert=%2Fca.pem")]
    [InlineData(DatabaseKind.Postgres, false, "postgresql://a%20b@127.0.0.1:15432/o%2Fs")]
    [InlineData(DatabaseKind.MySql, true, "mysql://a%20b@127.0.0.1:15432/o%2Fs")]
    [InlineData(DatabaseKind.Redis, true, "rediss://a%20b@127.0.0.1:15432/o%2Fs")]
    [InlineData(DatabaseKind.Redis, false, "redis://a%20b@127.0.0.1:15432/o%2Fs")]
    [InlineData(DatabaseKind.MongoDb, false, "mongodb://a%20b@127.0.0.1:15432/o%2Fs?directConnection=true&retryWrites=false")]
    [InlineData(DatabaseKind.SqlServer, true, "")]
    public void UrlOf_EachKind_EscapesNamesAndSaysHowTlsIsSpoken(DatabaseKind kind, bool offersTls, string expected) =>
        Assert.Equal(expected, DatabaseVariables.UrlOf(new(kind, 15432, "a b", "o/s", false, offersTls, "/ca.pem")));

    [Fact]
    public void Of_AnyDatabase_HasNamesOfAFixedListAndNoPassword()
    {
        string[] names =
        [
            .. Enum.GetValues<DatabaseKind>()
                .SelectMany(kind => DatabaseVariables.Of(new(kind, 15432, "app", "orders", false, true, "/ca.pem")).Keys)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(
            [
                "DATABASE_URL",
                "MONGODB_URI",
                "MYSQL_DATABASE",
                "MYSQL_HOST",
                "MYSQL_PORT",
                "MYSQL_TCP_PORT",
                "MYSQL_USER",
                "PGDATABASE",
                "PGHOST",
                "PGHOSTADDR",
                "PGPORT",
                "PGSERVICE",
                "PGSSLMODE",
                "PGSSLROOTCERT",
                "PGUSER",
                "REDIS_HOST",
                "REDIS_PORT",
                "REDIS_URL",
                "SQLCMDDBNAME",
                "SQLCMDSERVER",
                "SQLCMDUSER",
            ],
            names
        );
    }

    [Fact]
    public void Of_TunnelThatSpeaksTls_SaysThatThereIsNone()
    {
        var variables = DatabaseVariables.Of(new(DatabaseKind.Postgres, 15432, "app", null, true, false, "/ca.pem"));
        Assert.Equal("disable", variables["PGSSLMODE"]);
        Assert.DoesNotContain("PGSSLROOTCERT", variables.Keys);
        Assert.DoesNotContain("PGDATABASE", variables.Keys);
    }
}
