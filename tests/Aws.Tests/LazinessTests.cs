using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class LazinessTests
{
    [Fact]
    public void SessionServices_Made_DoesNotLoadTheSdk()
    {
        var context = new RoomOnly();
        var room = context.LoadFromAssemblyPath(typeof(SessionServices).Assembly.Location);
        var type = room.GetType(typeof(SessionServices).FullName!)!;

        using var services = (IDisposable)Activator.CreateInstance(type, TimeProvider.System, NullLoggerFactory.Instance)!;

        Assert.NotSame(typeof(SessionServices), type);
        Assert.Empty(context.SdkLoads);
        // The proof that a load would have been seen: the first use needs the SDK.
        var resolver = room.GetType("RdsTunnel.Aws.Configuration.SharedFiles")!;
        resolver.GetMethod("Read")!.Invoke(null, [(string _) => "/nonexistent"]);
        Assert.NotEmpty(context.SdkLoads);
    }

    /// <summary>Loads a second copy of the room, and notes what it asks for.</summary>
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
