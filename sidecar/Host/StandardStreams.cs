using Microsoft.Win32.SafeHandles;

namespace RdsTunnel.Host;

#pragma warning disable RS0030 // The one place that may touch Console: everything else is given its streams.

/// <summary>Owns standard input, output and error.</summary>
internal static class StandardStreams
{
    /// <summary>For people, in the commands that are theirs.</summary>
    public static TextWriter Output => Console.Out;

    public static TextWriter Error => Console.Error;

    public static TextReader Input => Console.In;

    /// <summary>A person can read standard error, and answer on standard input.</summary>
    public static bool IsTerminal => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    public static Stream OpenError() => Console.OpenStandardError();

    /// <summary>Takes standard input and output for bytes alone, of JSON-RPC or a connection. What
    /// a library writes to the console from now on goes to standard error.</summary>
    public static (Stream Input, Stream Output) Take()
    {
        var streams = (Console.OpenStandardInput(), OpenOutput());
        Console.SetIn(TextReader.Null);
        Console.SetOut(Console.Error);
        return streams;
    }

    // Console's own stream does as if it had written when the reader is gone. (On Windows the end of the input must do to notice that.)
    private static Stream OpenOutput() =>
        OperatingSystem.IsWindows()
            ? Console.OpenStandardOutput()
            : new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
}
