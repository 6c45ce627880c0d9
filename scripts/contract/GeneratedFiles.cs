using System.Runtime.CompilerServices;

namespace RdsTunnel.ContractTool;

/// <summary>The files that are generated from the contract, as they have to be.</summary>
public static class GeneratedFiles
{
    public static IEnumerable<(string Path, string Text)> All()
    {
        var contract = new ContractModel();
        yield return (PathOf("extension/src/sidecar/contract.ts"), TypeScript.Write(contract));
        yield return Rewritten("docs/rpc.md", text => Document.Write(contract, text));
        yield return Rewritten("extension/schemas/rds-tunnels.schema.json", JsonSchema.WriteTeamFile);
        yield return Rewritten("package.json", JsonSchema.WriteSettings);
    }

    private static (string Path, string Text) Rewritten(string file, Func<string, string> rewrite) =>
        (PathOf(file), rewrite(File.ReadAllText(PathOf(file)).ReplaceLineEndings("\n")));

    private static string PathOf(string file, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", file));
}
