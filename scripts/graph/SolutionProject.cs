using System.Xml.Linq;

namespace RdsTunnel.GraphTool;

/// <summary>A project of the sidecar, or the emulator, by its project file.</summary>
/// <param name="References">Names of projects.</param>
internal sealed record SolutionProject(string Name, string AssemblyName, IReadOnlyList<string> References)
{
    /// <summary>By name.</summary>
    public static IReadOnlyList<SolutionProject> All(string root) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(root, "sidecar"), "*.csproj", SearchOption.AllDirectories)
                .Append(Path.Combine(root, "tests", "Emulator", "Emulator.csproj"))
                .Select(Read)
                .OrderBy(project => project.Name, StringComparer.Ordinal),
        ];

    private static SolutionProject Read(string file)
    {
        var project = XDocument.Load(file);
        var name = Path.GetFileNameWithoutExtension(file);
        return new(
            name,
            (string?)project.Descendants("AssemblyName").FirstOrDefault() ?? $"RdsTunnel.{name}",
            [
                .. project
                    .Descendants("ProjectReference")
                    .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'))),
            ]
        );
    }
}
