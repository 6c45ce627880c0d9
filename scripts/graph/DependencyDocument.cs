using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace RdsTunnel.GraphTool;

/// <summary>docs/dependencies.md: pictures of the projects, and of each project's namespaces.</summary>
public static class DependencyDocument
{
    public static string Path { get; } = System.IO.Path.Combine(Root(), "docs", "dependencies.md");

    public static string Write()
    {
        var projects = SolutionProject.All(Root());
        var text = new StringBuilder();
        text.Append(
            """
            # Dependencies

            Drawn from the project files and the compiled code by `npm run graph`; a test notices when it is out of date. An arrow leads from what uses to what is used. Uses that a
            longer way shows as well are left out.

            ## Projects


            """
        );
        Draw(text, projects.ToDictionary(project => project.Name, project => (IReadOnlyCollection<string>)project.References));
        text.Append("\n## Namespaces\n\nProjects with a single namespace are left out.\n");
        foreach (var project in projects)
        {
            var graph = new NamespaceGraph(Assembly.Load(project.AssemblyName));
            if (graph.Uses.Count > 1)
            {
                text.Append($"\n### {project.Name}\n\n");
                var root = graph.Uses.Keys.MinBy(name => name.Length)!;
                Draw(
                    text,
                    graph.Uses.ToDictionary(
                        uses => Short(uses.Key, root),
                        uses => (IReadOnlyCollection<string>)[.. uses.Value.Select(used => Short(used, root))]
                    )
                );
            }
        }

        return text.ToString();
    }

    private static string Short(string name, string root) => name == root ? root["RdsTunnel.".Length..] : name[(root.Length + 1)..];

    private static void Draw(StringBuilder text, Dictionary<string, IReadOnlyCollection<string>> uses)
    {
        text.Append("```mermaid\nflowchart TD\n");
        foreach (var (name, used) in uses.OrderBy(node => node.Key, StringComparer.Ordinal))
        {
            text.Append($"  {Id(name)}[{name}]\n");
            foreach (
                var next in used.Where(next => !used.Any(other => other != next && Reaches(uses, other, next)))
                    .Order(StringComparer.Ordinal)
            )
            {
                text.Append($"  {Id(name)} --> {Id(next)}\n");
            }
        }

        text.Append("```\n");
    }

    // Words such as "end" mean something to Mermaid.
    private static string Id(string name) => $"n{name.Replace('.', '_')}";

    private static bool Reaches(Dictionary<string, IReadOnlyCollection<string>> uses, string from, string to) =>
        Reaches(uses, from, to, seen: []);

    // There are no circles, which a test says; where one has come about, it is drawn.
    private static bool Reaches(Dictionary<string, IReadOnlyCollection<string>> uses, string from, string to, HashSet<string> seen) =>
        uses[from].Any(next => next == to || (seen.Add(next) && Reaches(uses, next, to, seen)));

    private static string Root([CallerFilePath] string thisFile = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(thisFile)!, "..", ".."));
}
