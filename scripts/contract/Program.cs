using RdsTunnel.ContractTool;

foreach (var (path, text) in GeneratedFiles.All())
{
    await File.WriteAllTextAsync(path, text);
}
