using System.Text.Json;
using System.Text.Json.Serialization;
using RdsTunnel.Emulator.IdentityCenter;

namespace RdsTunnel.Emulator.World;

/// <summary>All that there is, in a file that people write: who signs in to which account, jump
/// hosts, roles, and what is in the regions.</summary>
internal sealed record WorldFile(IReadOnlyList<EmulatedRegion> Regions)
{
    public IReadOnlyList<EmulatedAccount> Accounts { get; set; } = IdentityCenterOptions.Default.Accounts;

    public IReadOnlyList<EmulatedInstance> Instances { get; set; } = [EmulatedInstance.Default];

    /// <summary>CNAME records: what a name is an alias of.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; set; } = new Dictionary<string, string>();

    /// <summary>Session documents beside AWS's own, and what is allowed with those.</summary>
    public IReadOnlyList<EmulatedDocument> Documents { get; set; } = [];

    /// <summary>What STS lets assume.</summary>
    public IReadOnlyList<EmulatedRole> Roles { get; set; } = [];

    /// <summary>Null where the account does not grant access to nodes just in time.</summary>
    public EmulatedNodeAccess? NodeAccess { get; set; }

    /// <exception cref="ArgumentException">It is no such file.</exception>
    public static WorldFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), WorldJson.Default.WorldFile)
                ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"{path}: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow
)]
[JsonSerializable(typeof(WorldFile))]
internal sealed partial class WorldJson : JsonSerializerContext;
