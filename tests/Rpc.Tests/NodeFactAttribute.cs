using System.Runtime.CompilerServices;

namespace RdsTunnel.Rpc.Tests;

/// <summary>A test that needs Node.js and the packages of the repository; without them it is skipped, and says why.</summary>
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute([CallerFilePath] string thisFile = "")
    {
        Folder = Path.Combine(Path.GetDirectoryName(thisFile)!, "node");
        if (Executable is null)
        {
            Skip = "node is not on PATH.";
        }
        else if (!Directory.Exists(Path.Combine(Folder, "../../../node_modules/vscode-jsonrpc")))
        {
            Skip = "vscode-jsonrpc is not installed: npm ci";
        }
    }

    public static string? Executable { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "node.exe" : "node"))
            .FirstOrDefault(File.Exists);

    public string Folder { get; }
}
