namespace RdsTunnel;

/// <summary>Tests wait for conditions. Only what hangs takes as long as this, on a busy machine
/// too; then the test fails by name, before its whole run is ended.</summary>
internal static class Hang
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
}
