using System.Runtime.CompilerServices;

namespace RdsTunnel.ContractTool;

/// <summary>The files that are generated from the contract, as they have to be.</summary>
public static class GeneratedFiles
{
    public static IEnumerable<(string Path, string Text)> All()
    {
        var contract = new ContractModel();
        var document = PathOf("docs/rpc.md");
        yield return (PathOf("extension/src/sidecar/contract.ts"), TypeScript.Write(contract));
        yield return (document, Document.Write(contract, File.ReadAllText(document).ReplaceLineEndings("\n")));
    }

    private static string PathOf(string file, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", file));
}
