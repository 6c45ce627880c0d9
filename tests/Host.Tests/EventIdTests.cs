using System.Reflection;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Host.Tests;

/// <summary>Whoever searches a log by the number of an event finds one kind of event.</summary>
public sealed class EventIdTests
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    [Fact]
    public void EventIds_OfTheSidecar_AreUnique()
    {
        var messages = (
            from path in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            let name = Path.GetFileNameWithoutExtension(path)
            where
                name == "rds-tunnel"
                || (
                    name.StartsWith("RdsTunnel.", StringComparison.Ordinal)
                    && !name.EndsWith(".Tests", StringComparison.Ordinal)
                    && !name.EndsWith("Tool", StringComparison.Ordinal)
                )
            from type in Assembly.Load(name).GetTypes()
            from method in type.GetMethods(Declared)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            select (message.EventId, Name: $"{type.FullName}.{method.Name}")
        ).ToList();
        Assert.True(messages.Count > 70, $"{messages.Count} found");
        Assert.Empty(
            messages
                .GroupBy(each => each.EventId)
                .Where(same => same.Count() > 1)
                .Select(same => $"{same.Key}: {string.Join(", ", same.Select(each => each.Name))}")
        );
    }
}
