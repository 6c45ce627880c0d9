using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>Turns a method's parameters into its record, or says which field is wrong and how.</summary>
internal static class ParamsReader
{
    /// <exception cref="RpcException">InvalidParams.</exception>
    public static T Read<T>(JsonElement? parameters)
        where T : class
    {
        if (typeof(T) == typeof(Nothing))
        {
            return (T)(object)Nothing.Instance;
        }

        var type = (JsonTypeInfo<T>)ContractJson.Default.GetTypeInfo(typeof(T))!;
        if (parameters is not { } element)
        {
            throw new RpcException(RpcErrorCode.InvalidParams, "params is missing.");
        }

        foreach (var property in type.Properties)
        {
            if (property.IsRequired && !element.TryGetProperty(property.Name, out _))
            {
                throw Invalid(property.Name, "is missing");
            }
        }

        // A newer client may say more of itself; elsewhere, what is not known is misspelt.
        if (
            typeof(T) != typeof(InitializeParams)
            && element.EnumerateObject().Any(given => type.Properties.All(known => !given.NameEquals(known.Name)))
        )
        {
            throw new RpcException(
                RpcErrorCode.InvalidParams,
                "Unknown parameter. Allowed: " + string.Join(", ", type.Properties.Select(known => known.Name)) + "."
            );
        }

        if (
            element.EnumerateObject().FirstOrDefault(given => JsonText.HasNullInList(given.Value)) is
            { Value.ValueKind: not JsonValueKind.Undefined } withNull
        )
        {
            throw Invalid(withNull.Name, "has a list with null in it");
        }

        try
        {
            return element.Deserialize(type)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            var field = (e as JsonException)?.Path?.TrimStart('$', '.');
            throw type.Properties.FirstOrDefault(property => property.Name == field) is { } property
                ? Invalid(property.Name, $"is not {Describe(property.PropertyType)}")
                : new RpcException(
                    RpcErrorCode.InvalidParams,
                    "A parameter has the wrong type.",
                    string.IsNullOrEmpty(field) ? null : field
                );
        }
    }

    public static RpcException Invalid(FieldProblem problem) => Invalid(problem.Field, problem.Problem);

    public static RpcException Invalid(string field, string problem) => new(RpcErrorCode.InvalidParams, $"{field} {problem}.", field);

    private static string Describe(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(int) => "an integer of 32 bits",
            var t when t == typeof(bool) => "true or false",
            var t when t == typeof(string) => "a string",
            var t when t == typeof(LogLevel) => $"one of {string.Join(", ", Enum.GetNames<LogLevel>())}",
            _ => "a valid object",
        };
}
