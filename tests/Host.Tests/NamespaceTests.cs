using System.Reflection;
using RdsTunnel.Tests.Support;

namespace RdsTunnel.Host.Tests
{
    /// <summary>Inside of a project, too, uses go one way: what stands lower knows nothing of what stands on it.</summary>
    public sealed class NamespaceTests
    {
        public static TheoryData<string> Projects => new(Names);

        private static IEnumerable<string> Names =>
            Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Select(path => Path.GetFileNameWithoutExtension(path))
                .Where(name => name == "rds-tunnel" || (name.StartsWith("RdsTunnel.", StringComparison.Ordinal) && !name.EndsWith(".Tests", StringComparison.Ordinal)));

        [Theory]
        [MemberData(nameof(Projects))]
        public void Namespaces_OfAProject_HaveLayers(string project)
        {
            var graph = new NamespaceGraph(Assembly.Load(project));
            Assert.True(graph.Circles.Count == 0, graph.Describe());
        }

        [Fact]
        public void Projects_AreAllLookedAt() => Assert.Equal(
            ["RdsTunnel.Aws", "RdsTunnel.DataChannel", "RdsTunnel.Diagnosis", "RdsTunnel.Discovery", "RdsTunnel.Faults", "RdsTunnel.Loopback", "RdsTunnel.Rpc", "RdsTunnel.Smux", "RdsTunnel.Tunnels", "rds-tunnel"],
            Names.Order(StringComparer.Ordinal));

        [Fact]
        public void Namespaces_ThatUseEachOther_AreFound() => Assert.Equal(
            ["RdsTunnel.Host.Tests.Circle.One", "RdsTunnel.Host.Tests.Circle.Two"],
            new NamespaceGraph(typeof(NamespaceTests).Assembly, "RdsTunnel.Host.Tests.Circle").Circles);
    }
}

// Two that use each other, one of them inside of a lambda of an async method alone; and one that is used.
namespace RdsTunnel.Host.Tests.Circle.One
{
    internal static class First
    {
        public static async Task<Func<object>> MakeAsync()
        {
            await Task.Yield();
            return () => new List<Two.Second>();
        }
    }
}

namespace RdsTunnel.Host.Tests.Circle.Two
{
    internal sealed class Second
    {
        public Below.Third? Lower { get; set; }

        public static object Other() => One.First.MakeAsync();
    }
}

namespace RdsTunnel.Host.Tests.Circle.Below
{
    internal sealed class Third;
}
