using RdsTunnel.Faults;

namespace RdsTunnel.Host;

/// <summary>What commands tell a person on the way. Where it cannot be written, on a full disk say, nobody can be told, and what it is
/// about goes on.</summary>
internal static class TerminalLines
{
    /// <summary>Says something on one line, with nothing in it that the terminal would obey: names in it may be anybody's.</summary>
    public static void Say(this TextWriter writer, string line)
    {
        try
        {
            writer.WriteLine(ForeignText.Line(line));
        }
        catch (Exception e) when (IsNotWritten(e))
        {
            // There is no other place for it.
        }
    }

    /// <summary>The disk is full, or the file as long as it may be, which .NET takes for a wrong argument.</summary>
    public static bool IsNotWritten(Exception exception) => exception is IOException or UnauthorizedAccessException or ArgumentException;

    /// <summary>Writes a line as it is.</summary>
    public static async Task TryWriteLineAsync(this TextWriter writer, string line)
    {
        try
        {
            await writer.WriteLineAsync(line).ConfigureAwait(false);
        }
        catch (Exception e) when (IsNotWritten(e))
        {
            // There is no other place for it.
        }
    }
}
