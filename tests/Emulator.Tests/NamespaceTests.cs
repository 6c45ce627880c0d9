using RdsTunnel.Tests.Support;

namespace RdsTunnel.Emulator.Tests;

public sealed class NamespaceTests
{
    /// <summary>Of the local AWS these still use each other: a session, its agent, the gateway between them and the faults in it are one machine. The list only shrinks.</summary>
    private static readonly string[] Known = ["RdsTunnel.Emulator.Agents", "RdsTunnel.Emulator.Faults", "RdsTunnel.Emulator.Gateway", "RdsTunnel.Emulator.Sessions"];

    [Fact]
    public void Namespaces_HaveLayers_ButForThoseThatAreKnown()
    {
        var graph = new NamespaceGraph(typeof(EmulatorServer).Assembly);
        Assert.True(graph.Circles.SequenceEqual(Known), graph.Describe());
    }
}
