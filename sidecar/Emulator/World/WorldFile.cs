using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdsTunnel.Emulator.World;

/// <summary>The account's regions in a file that people write.</summary>
internal static class WorldFile
{
    /// <exception cref="ArgumentException">It is no such file.</exception>
    public static IReadOnlyList<EmulatedRegion> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), WorldJson.Default.EmulatedRegionArray) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"{path}: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(EmulatedRegion[]))]
internal sealed partial class WorldJson : JsonSerializerContext;
