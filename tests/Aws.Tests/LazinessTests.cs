using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Aws.Composition;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class LazinessTests
{
    [Fact]
    public void AwsServices_Made_DoesNotLoadTheSdk()
    {
        var context = new RoomOnly();
        var assembly = context.LoadFromAssemblyPath(typeof(AwsServices).Assembly.Location);
        var type = assembly.GetType(typeof(AwsServices).FullName!)!;

        using var services = (IDisposable)
            type.GetConstructors()
                .Single(constructor => constructor.GetParameters().Length == 3)
                .Invoke([TimeProvider.System, NullLoggerFactory.Instance, null]);

        Assert.NotSame(typeof(AwsServices), type);
        Assert.Empty(context.SdkLoads);
        // The proof that a load would have been seen: the first client needs the SDK.
        Assert.NotNull(assembly.GetType("RdsTunnel.Aws.Clients.SsmClient"));
        Assert.NotEmpty(context.SdkLoads);
    }

    /// <summary>Loads a second copy of the assembly, and notes what it asks for.</summary>
    private sealed class RoomOnly() : AssemblyLoadContext(nameof(RoomOnly))
    {
        public List<string> SdkLoads { get; } = [];

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (assemblyName.Name!.StartsWith("AWSSDK", StringComparison.Ordinal))
            {
                SdkLoads.Add(assemblyName.Name);
            }

            return null;
        }
    }
}
