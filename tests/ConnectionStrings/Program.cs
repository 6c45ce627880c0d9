// Uses a connection string as it was copied, the string as a line of standard input: `connection-strings Npgsql|MySqlConnector|SqlClient|StackExchange.Redis`.
using System.Data.Common;
using Microsoft.Data.SqlClient;
using MySqlConnector;
using Npgsql;
using StackExchange.Redis;

string text = await Console.In.ReadLineAsync() ?? "";
await Console.Out.WriteLineAsync(args switch
{
    ["Npgsql"] => await AskAsync(new NpgsqlConnection(text)),
    ["MySqlConnector"] => await AskAsync(new MySqlConnection(text)),
    ["SqlClient"] => Read(new SqlConnectionStringBuilder(text)),
    ["StackExchange.Redis"] => await PingAsync(text),
    _ => throw new ArgumentException("Which driver?"),
});

static async Task<string?> AskAsync(DbConnection connection)
{
    await using var _ = connection;
    await connection.OpenAsync();
    await using var question = connection.CreateCommand();
    question.CommandText = "select version()";
    return (string?)await question.ExecuteScalarAsync();
}

// There is no SQL Server here: what its driver makes of the string.
static string Read(SqlConnectionStringBuilder builder) => $"{builder.DataSource} {builder.Encrypt} {builder.HostNameInCertificate} {builder.TrustServerCertificate}";

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
