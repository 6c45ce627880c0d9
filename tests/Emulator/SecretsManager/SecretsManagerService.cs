using System.Globalization;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.SecretsManager;

/// <summary>The calls of AWS Secrets Manager that list secrets and read one. A page has two of them, whatever is asked for.</summary>
internal sealed class SecretsManagerService(IReadOnlyList<EmulatedRegion> regions) : IAwsJsonService
{
    private const int PageSize = 2;

    public string TargetPrefix => "secretsmanager";

    public string SigningName => "secretsmanager";

    public JsonObject Call(string operation, JsonObject input, EmulatedCredential caller, string region, Uri address) =>
        operation switch
        {
            "ListSecrets" => ListSecrets(int.Parse((string?)input["NextToken"] ?? "0", CultureInfo.InvariantCulture), region),
            "GetSecretValue" => GetSecretValue((string?)input["SecretId"] ?? "", region),
            _ => throw new ServiceException("UnknownOperationException", ""),
        };

    private JsonObject ListSecrets(int from, string region)
    {
        EmulatedSecret[] all = [.. regions.Where(each => each.Name == region).SelectMany(each => each.Secrets)];
        var page = new JsonObject
        {
            ["SecretList"] = new JsonArray([
                .. all.Skip(from).Take(PageSize).Select(secret => new JsonObject { ["ARN"] = secret.Arn, ["Name"] = secret.Name }),
            ]),
        };
        if (from + PageSize < all.Length)
        {
            page["NextToken"] = (from + PageSize).ToString(CultureInfo.InvariantCulture);
        }

        return page;
    }

    private JsonObject GetSecretValue(string id, string region)
    {
        var secret =
            regions
                .Where(each => each.Name == region)
                .SelectMany(each => each.Secrets)
                .FirstOrDefault(secret => secret.Arn == id || secret.Name == id)
            ?? throw new ServiceException("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
        return new JsonObject
        {
            ["ARN"] = secret.Arn,
            ["Name"] = secret.Name,
            ["SecretString"] = secret.Value,
            ["VersionStages"] = new JsonArray("AWSCURRENT"),
        };
    }
}
