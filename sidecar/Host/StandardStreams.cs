namespace RdsTunnel.Host;

#pragma warning disable RS0030 // The one place that may touch Console: everything else is given its streams.

/// <summary>Owns standard input, output and error.</summary>
internal static class StandardStreams
{
    /// <summary>For people, in the commands that are theirs.</summary>
    public static TextWriter Output => Console.Out;

    public static TextWriter Error => Console.Error;

    public static Stream OpenError() => Console.OpenStandardError();

    /// <summary>Takes standard input and output for JSON-RPC alone. What a library writes to the console from now on goes to standard error.</summary>
    public static (Stream Input, Stream Output) TakeForRpc()
    {
        var streams = (Console.OpenStandardInput(), Console.OpenStandardOutput());
        Console.SetIn(TextReader.Null);
        Console.SetOut(Console.Error);
        return streams;
    }
}
