using System.Reflection;
using RdsTunnel.GraphTool;

namespace RdsTunnel.Host.Tests
{
    /// <summary>Inside of a project, too, uses go one way: what stands lower knows nothing of what stands on it.</summary>
    public sealed class NamespaceTests
    {
        public static TheoryData<string> Projects => new(Names);

        private static IEnumerable<string> Names =>
            Directory
                .EnumerateFiles(AppContext.BaseDirectory, "*.dll")
                .Select(path => Path.GetFileNameWithoutExtension(path))
                .Where(name =>
                    name is "rds-tunnel" or "rds-tunnel-emulator"
                    || (
                        name.StartsWith("RdsTunnel.", StringComparison.Ordinal)
                        && !name.EndsWith(".Tests", StringComparison.Ordinal)
                        && !name.EndsWith("Tool", StringComparison.Ordinal)
                    )
                );

        [Theory]
        [MemberData(nameof(Projects))]
        public void Namespaces_OfAProject_HaveLayers(string project)
        {
            var graph = new NamespaceGraph(Assembly.Load(project));
            Assert.True(graph.Circles.Count == 0, graph.Describe());
        }

        [Fact]
        public void Projects_AreAllLookedAt() =>
            Assert.Equal(
                [
                    "RdsTunnel.Agents",
                    "RdsTunnel.Aws",
                    "RdsTunnel.DataChannel",
                    "RdsTunnel.Databases",
                    "RdsTunnel.Diagnosis",
                    "RdsTunnel.Discovery",
                    "RdsTunnel.Faults",
                    "RdsTunnel.Loopback",
                    "RdsTunnel.Programs",
                    "RdsTunnel.Rpc",
                    "RdsTunnel.Sharing",
                    "RdsTunnel.Smux",
                    "RdsTunnel.Telemetry",
                    "RdsTunnel.Tunnels",
                    "rds-tunnel",
                    "rds-tunnel-emulator",
                ],
                Names.Order(StringComparer.Ordinal)
            );

        [Fact]
        public void Picture_InTheDocuments_IsUpToDate() =>
            Assert.True(
                DependencyDocument.Write() == File.ReadAllText(DependencyDocument.Path).ReplaceLineEndings("\n"),
                "docs/dependencies.md is not what the code says: npm run graph"
            );

        [Fact]
        public void Picture_ShowsProjectsAndNamespaces()
        {
            var text = DependencyDocument.Write();
            Assert.Contains("  nTunnels --> nSmux\n", text, StringComparison.Ordinal);
            Assert.Contains("  nForwarding --> nSessions\n", text, StringComparison.Ordinal);
            // It is used by way of Rpc as well.
            Assert.DoesNotContain("  nHost --> nTunnels\n", text, StringComparison.Ordinal);
        }

        [Fact]
        public void Namespaces_ThatUseEachOther_AreFound() =>
            Assert.Equal(
                ["RdsTunnel.Host.Tests.Circle.One", "RdsTunnel.Host.Tests.Circle.Two"],
                new NamespaceGraph(typeof(NamespaceTests).Assembly, "RdsTunnel.Host.Tests.Circle").Circles
            );
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
