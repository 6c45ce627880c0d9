using Microsoft.Win32.SafeHandles;

namespace RdsTunnel.Host;

#pragma warning disable RS0030 // The one place that may touch Console: everything else is given its streams.

/// <summary>Owns standard input, output and error.</summary>
internal static class StandardStreams
{
    /// <summary>For people, in the commands that are theirs.</summary>
    public static TextWriter Output => InheritedStreams.HasOutput ? Console.Out : TextWriter.Null;

    public static TextWriter Error => InheritedStreams.HasError ? Console.Error : TextWriter.Null;

    public static TextReader Input => InheritedStreams.HasInput ? Console.In : TextReader.Null;

    /// <summary>A person can read standard error, and answer on standard input.</summary>
    public static bool IsTerminal =>
        InheritedStreams.HasInput && InheritedStreams.HasError && !Console.IsInputRedirected && !Console.IsErrorRedirected;

    public static Stream OpenError() => InheritedStreams.HasError ? Console.OpenStandardError() : Stream.Null;

    /// <summary>Takes standard input and output for bytes alone, of JSON-RPC or a connection. What
    /// a library writes to the console from now on goes to standard error.</summary>
    public static (Stream Input, Stream Output) Take()
    {
        var streams = (InheritedStreams.HasInput ? Console.OpenStandardInput() : Stream.Null, OpenOutput());
        Console.SetIn(TextReader.Null);
        Console.SetOut(Error);
        return streams;
    }

    // Console's own stream does as if it had written when the reader is gone. (On Windows the end of the input must do to notice that.)
    private static Stream OpenOutput() =>
        OperatingSystem.IsWindows() ? Console.OpenStandardOutput()
        : InheritedStreams.HasOutput ? new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0)
        : new MemoryStream([], writable: false); // which takes nothing: nobody reads
}
