// Asks a database for its version, by a connection string as it was copied: `connection-strings Npgsql|MySqlConnector`, the string as a line of standard input.
using System.Data.Common;
using MySqlConnector;
using Npgsql;

string text = await Console.In.ReadLineAsync() ?? "";
await using DbConnection connection = args is ["Npgsql"] ? new NpgsqlConnection(text) : new MySqlConnection(text);
await connection.OpenAsync();
await using DbCommand question = connection.CreateCommand();
question.CommandText = "select version()";
await Console.Out.WriteLineAsync((string?)await question.ExecuteScalarAsync());
