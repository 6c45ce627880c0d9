using System.Text.Json.Nodes;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.SecretsManager;

/// <summary>The call of AWS Secrets Manager that reads a secret.</summary>
internal sealed class SecretsManagerService(IReadOnlyList<EmulatedRegion> regions) : IAwsJsonService
{
    public string TargetPrefix => "secretsmanager";

    public string SigningName => "secretsmanager";

    public JsonObject Call(string operation, JsonObject input, EmulatedCredential caller, string region, Uri address) => operation switch
    {
        "GetSecretValue" => GetSecretValue((string?)input["SecretId"] ?? "", region),
        _ => throw new ServiceException("UnknownOperationException", ""),
    };

    private JsonObject GetSecretValue(string id, string region)
    {
        var secret = regions.Where(each => each.Name == region).SelectMany(each => each.Secrets).FirstOrDefault(secret => secret.Arn == id || secret.Name == id)
            ?? throw new ServiceException("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
        return new JsonObject { ["ARN"] = secret.Arn, ["Name"] = secret.Name, ["SecretString"] = secret.Value, ["VersionStages"] = new JsonArray("AWSCURRENT") };
    }
}
