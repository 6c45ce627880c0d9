using System.Reflection;
using System.Reflection.Emit;

namespace RdsTunnel.GraphTool;

/// <summary>Which namespaces of an assembly use which others of it, as its compiled code shows.
/// Constants are not seen: the compiler has put them in place.</summary>
public sealed class NamespaceGraph
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Instructions = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    private readonly SortedDictionary<string, SortedSet<string>> _uses = new(StringComparer.Ordinal);
    private readonly string _root;

    /// <param name="root">Namespaces that do not begin so are generated code's.</param>
    public NamespaceGraph(Assembly assembly, string root = "RdsTunnel")
    {
        _root = root;
        foreach (var type in assembly.GetTypes().Where(IsOurs))
        {
            UsesOf(type.Namespace!);
            foreach (
                var used in UsedBy(type)
                    .SelectMany(Parts)
                    .Where(used => used.Assembly == assembly && IsOurs(used) && used.Namespace != type.Namespace)
            )
            {
                UsesOf(type.Namespace!).Add(used.Namespace!);
            }
        }
    }

    /// <summary>Each namespace, and which others it uses.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Uses => _uses;

    /// <summary>The namespaces that use themselves by way of others; empty where there are layers.</summary>
    public IReadOnlyList<string> Circles => [.. _uses.Keys.Where(name => Reach(name).Contains(name))];

    /// <summary>The uses between those, for people.</summary>
    public string Describe() =>
        string.Join('\n', from name in Circles from used in _uses[name] where Circles.Contains(used) select $"{name} -> {used}");

    private SortedSet<string> UsesOf(string name) =>
        _uses.TryGetValue(name, out var uses) ? uses : _uses[name] = new(StringComparer.Ordinal);

    private HashSet<string> Reach(string name)
    {
        var seen = new HashSet<string>();
        var next = new Stack<string>([name]);
        while (next.TryPop(out var at))
        {
            foreach (var used in _uses.TryGetValue(at, out var uses) ? uses : [])
            {
                if (seen.Add(used))
                {
                    next.Push(used);
                }
            }
        }

        return seen;
    }

    private bool IsOurs(Type type) =>
        type.Namespace is { } name && (name == _root || name.StartsWith($"{_root}.", StringComparison.Ordinal));

    private static IEnumerable<Type?> UsedBy(Type type) =>
        [
            type.BaseType,
            .. type.GetInterfaces(),
            .. type.GetFields(All).Select(field => field.FieldType),
            .. type.GetMethods(All).SelectMany(UsedBy),
            .. type.GetConstructors(All).SelectMany(UsedBy),
        ];

    private static IEnumerable<Type?> UsedBy(MethodBase method)
    {
        foreach (var used in Signature(method))
        {
            yield return used;
        }

        if (method.GetMethodBody() is not { } body)
        {
            yield break;
        }

        foreach (
            var used in body
                .LocalVariables.Select(local => local.LocalType)
                .Concat(
                    body.ExceptionHandlingClauses.Select(clause =>
                            clause.Flags == ExceptionHandlingClauseOptions.Clause ? clause.CatchType : null
                        )
                        .OfType<Type>()
                )
        )
        {
            yield return used;
        }

        foreach (var token in Tokens(body.GetILAsByteArray()!))
        {
            var member = method.Module.ResolveMember(
                token,
                method.DeclaringType!.GetGenericArguments(),
                method is MethodInfo ? method.GetGenericArguments() : null
            );
            yield return member as Type ?? member!.DeclaringType;
            foreach (
                var used in member is MethodBase called ? Signature(called)
                : member is FieldInfo field ? [field.FieldType]
                : []
            )
            {
                yield return used;
            }
        }
    }

    private static IEnumerable<Type?> Signature(MethodBase method) =>
        [
            .. method.GetParameters().Select(parameter => parameter.ParameterType),
            (method as MethodInfo)?.ReturnType,
            .. method is MethodInfo ? method.GetGenericArguments() : [],
        ];

    private static IEnumerable<Type> Parts(Type? type) =>
        type switch
        {
            null => [],
            { HasElementType: true } => Parts(type.GetElementType()),
            { IsGenericType: true } => type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()),
            _ => [type],
        };

    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var at = 0; at < code.Length; )
        {
            var value = code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at];
            var instruction = Instructions[value];
            at += instruction.Size;
            if (
                instruction.OperandType
                is OperandType.InlineMethod
                    or OperandType.InlineField
                    or OperandType.InlineType
                    or OperandType.InlineTok
            )
            {
                yield return BitConverter.ToInt32(code, at);
            }

            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
