using System.Globalization;
using System.Text.Json;

namespace RdsTunnel.Aws.Inventory;

/// <summary>What a secret says about a database. The values are left out of <see cref="ToString"/>.</summary>
/// <param name="Port">TCP port.</param>
public sealed record DatabaseSecret(
    string Password,
    string? UserName = null,
    string? Host = null,
    int? Port = null,
    string? DatabaseName = null
)
{
    public override string ToString() => nameof(DatabaseSecret);

    /// <summary>Reads <c>{"username":"admin","password":"…","host":"…","port":5432,"dbname":"shop"}</c>,
    /// of which RDS writes the first two.</summary>
    /// <remarks><see href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html"/></remarks>
    /// <exception cref="AwsException">It is no database's. The message tells nothing of what it is.</exception>
    internal static DatabaseSecret Parse(string secretId, string? text)
    {
        try
        {
            // Editors put a mark before a text in UTF-8.
            using var secret = JsonDocument.Parse(text?.TrimStart('\ufeff') ?? "");
            var root = secret.RootElement;
            return root.ValueKind == JsonValueKind.Object && Field(root, "password") is { } password
                ? new DatabaseSecret(
                    password,
                    Field(root, "username") is { Length: > 0 } user ? user : null,
                    Field(root, "host"),
                    PortOf(root),
                    Field(root, "dbname")
                )
                : throw NotADatabase(secretId);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, and no text.
            throw NotADatabase(secretId);
        }
    }

    // People write the port as a text, too.
    private static int? PortOf(JsonElement secret) =>
        int.TryParse(Field(secret, "port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && port is > 0 and <= ushort.MaxValue
            ? port
            : null;

    private static string? Field(JsonElement secret, string name) =>
        !secret.TryGetProperty(name, out var value)
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };

    private static AwsException NotADatabase(string secretId) =>
        new(
            AwsErrorCode.InvalidRequest,
            $"The secret {secretId} isn't a database secret. It must be a JSON object with a field \"password\". Choose the master user's secret, for example."
        );
}
