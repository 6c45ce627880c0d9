using System.Reflection;

namespace RdsTunnel.Host;

internal static class Program
{
    public static string Version { get; } =
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private static Task<int> Main(string[] args) => CommandLine.RunAsync(args, TimeProvider.System);
}
