// Uses a connection string as it was copied, the string as a line of standard input:
// `connection-strings Npgsql|MySqlConnector|SqlClient|StackExchange.Redis`.
// `StackExchange.Redis keys` writes and reads some keys, wherever a cluster keeps them, and says as which user.
using System.Data.Common;
using Microsoft.Data.SqlClient;
using MySqlConnector;
using Npgsql;
using StackExchange.Redis;

string text = await Console.In.ReadLineAsync() ?? "";
await Console.Out.WriteLineAsync(
    args switch
    {
        ["Npgsql"] => await AskAsync(new NpgsqlConnection(text)),
        ["MySqlConnector"] => await AskAsync(new MySqlConnection(text)),
        ["SqlClient"] => Read(new SqlConnectionStringBuilder(text)),
        ["StackExchange.Redis"] => await PingAsync(text),
        ["StackExchange.Redis", "keys"] => await UseKeysAsync(text),
        _ => throw new ArgumentException("Which driver?"),
    }
);

static async Task<string?> AskAsync(DbConnection connection)
{
    await using var _ = connection;
    await connection.OpenAsync();
    await using var question = connection.CreateCommand();
    question.CommandText = "select version()";
    return (string?)await question.ExecuteScalarAsync();
}

// There is no SQL Server here: what its driver makes of the string.
static string Read(SqlConnectionStringBuilder builder) =>
    $"{builder.DataSource} {builder.Encrypt} {builder.HostNameInCertificate} {builder.TrustServerCertificate}";

static async Task<string> PingAsync(string text)
{
    var log = new StringWriter();
    var options = ConfigurationOptions.Parse(text);
    options.ConnectRetry = 0;
    try
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options, log);
        return $"{await connection.GetDatabase().ExecuteAsync("PING")} from Redis {connection.GetServers()[0].Version}";
    }
    catch (RedisConnectionException e)
    {
        // Only the log says what was wrong with a certificate.
        throw new InvalidOperationException($"{e}\n{log}");
    }
}

static async Task<string?> UseKeysAsync(string text)
{
    await using var connection = await ConnectionMultiplexer.ConnectAsync(text);
    var database = connection.GetDatabase();
    for (var i = 0; i < 50; i++)
    {
        await database.StringSetAsync($"stack:{i}", i);
        if (await database.StringGetAsync($"stack:{i}") != i)
        {
            throw new InvalidOperationException($"stack:{i} has another value than the one that was written.");
        }
    }

    return (string?)await database.ExecuteAsync("ACL", "WHOAMI");
}
