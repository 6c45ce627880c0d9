using RdsTunnel.GraphTool;

await File.WriteAllTextAsync(DependencyDocument.Path, DependencyDocument.Write());
