using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.ContractTool;

/// <summary>The contract as data: from the tables of methods, the serializer's view of each record,
/// and the documentation comments.</summary>
internal sealed class ContractModel
{
    private readonly List<Type> _types = [];

    public ContractModel()
    {
        Methods = MethodsOf(typeof(RpcMethods));
        Questions = MethodsOf(typeof(ClientMethods));
        Notifications = MethodsOf(typeof(ServerNotifications));
        foreach (var method in Methods.Concat(Questions).Concat(Notifications))
        {
            Visit(method.Params);
            Visit(method.Result);
            Visit(method.Progress);
        }

        Visit(typeof(RpcError));
        Records = [.. _types.Where(type => !type.IsEnum).Select(RecordOf)];
        Enumerations = [.. _types.Where(type => type.IsEnum && type != typeof(TunnelErrorCode))];
    }

    /// <summary>What a client asks the sidecar.</summary>
    public IReadOnlyList<Method> Methods { get; }

    /// <summary>What the sidecar asks its client.</summary>
    public IReadOnlyList<Method> Questions { get; }

    public IReadOnlyList<Method> Notifications { get; }

    /// <summary>In the order in which they are first needed.</summary>
    public IReadOnlyList<Record> Records { get; }

    public IReadOnlyList<Type> Enumerations { get; }

    /// <summary>The name and number of each error, with what it means.</summary>
    public static IEnumerable<(int Number, string Name, string Meaning)> ProtocolErrors() =>
        Enum.GetValues<RpcErrorCode>()
            .Select(code => ((int)code, code.ToString(), Documentation.OfMember(typeof(RpcErrorCode), code.ToString())));

    public static IEnumerable<(int Number, string Name, string Meaning)> TunnelErrors() =>
        Enum.GetValues<TunnelErrorCode>()
            .Select(code =>
                (TunnelErrorNumbers.Of(code), code.ToString(), Documentation.OfMember(typeof(TunnelErrorCode), code.ToString()))
            )
            .OrderBy(error => error.Item1);

    /// <summary>The type of a list's elements; null for what is no list.</summary>
    public static Type? ElementOf(Type type) =>
        type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[0] : null;

    private static Method[] MethodsOf(Type table) =>
        [
            .. table
                .GetFields()
                .Select(field =>
                {
                    var types = field.FieldType.GetGenericArguments();
                    var name = (string)field.FieldType.GetProperty("Name")!.GetValue(field.GetValue(null))!;
                    return new Method(
                        name,
                        OrNone(types[0]),
                        types.Length == 1 ? null : OrNone(types[^1]),
                        types.Length == 3 ? types[1] : null,
                        Documentation.OfMember(table, field.Name)
                    );
                }),
        ];

    private static Type? OrNone(Type type) => type == typeof(Nothing) ? null : type;

    private static Record RecordOf(Type type) =>
        new(
            type.Name,
            Documentation.Remarks(type),
            [
                .. Serialized(type)
                    .Properties.Select(property => new Field(
                        property.Name,
                        property.PropertyType,
                        property.IsRequired,
                        MeaningOf(type, property)
                    )),
            ]
        );

    // What its author says of it, then what the code says: the bounds of a tunnel's fields, and the default.
    private static string MeaningOf(Type type, JsonPropertyInfo property)
    {
        var name = ((MemberInfo)property.AttributeProvider!).Name;
        var parts = new List<string> { Documentation.OfParameter(type, name) };
        switch (type == typeof(OpenTunnelParams) ? TunnelRules.All.FirstOrDefault(rule => rule.Field == property.Name) : null)
        {
            case NumberRule number:
                parts.Add($"{number.Min} to {number.Max}");
                break;
            case TextRule text:
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"at most {text.MaxLength:N0} characters"));
                break;
        }

        if (
            type.GetConstructors()[0].GetParameters().FirstOrDefault(parameter => parameter.Name == name) is
            { HasDefaultValue: true, DefaultValue: { } value }
        )
        {
            parts.Add(
                $"{(value is string ? $"`{value}`" : Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace("False", "false", StringComparison.Ordinal))} when left out"
            );
        }

        return string.Join("; ", parts);
    }

    private static JsonTypeInfo Serialized(Type type) =>
        ContractJson.Default.GetTypeInfo(type) ?? throw new InvalidOperationException($"{type} is not in {nameof(ContractJson)}.");

    private void Visit(Type? type)
    {
        type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        if (type is null || _types.Contains(type))
        {
            return;
        }

        if (ElementOf(type) is { } element)
        {
            Visit(element);
        }
        else if (type.IsEnum)
        {
            _types.Add(type);
        }
        else if (Serialized(type).Kind == JsonTypeInfoKind.Object)
        {
            _types.Add(type);
            foreach (var property in Serialized(type).Properties)
            {
                Visit(property.PropertyType);
            }
        }
    }
}

/// <summary>A request, or with a null <paramref name="Result"/> perhaps a notification. Null stands
/// for no parameters, no result, no progress.</summary>
internal sealed record Method(string Name, Type? Params, Type? Result, Type? Progress, string Meaning);

internal sealed record Record(string Name, string Remarks, IReadOnlyList<Field> Fields);

internal sealed record Field(string Name, Type Type, bool IsRequired, string Meaning);
