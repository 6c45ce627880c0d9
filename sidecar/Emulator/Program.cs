using System.CommandLine; return await new RootCommand("x").Parse(args).InvokeAsync();
