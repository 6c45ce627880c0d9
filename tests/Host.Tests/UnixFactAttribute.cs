namespace RdsTunnel.Host.Tests;

/// <summary>A test that needs the signals or the shell of a Unix system.</summary>
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = UnixSystem.Missing;
}

internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = UnixSystem.Missing;
}

internal static class UnixSystem
{
    public static string? Missing => OperatingSystem.IsWindows() ? "Needs a Unix system." : null;
}
