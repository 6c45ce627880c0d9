namespace RdsTunnel.Host;

/// <summary>Where a person reads questions and answers them.</summary>
/// <param name="IsInteractive">Somebody is there; otherwise input may be anything, and is not read.</param>
internal sealed record Terminal(TextReader Input, TextWriter Output, bool IsInteractive)
{
    /// <summary>The process's own: questions go to standard error, so that standard output can be kept in a file.</summary>
    public static Terminal Standard { get; } = new(StandardStreams.Input, StandardStreams.Error, StandardStreams.IsTerminal);

    /// <returns>Null at the end of the input.</returns>
    public Task<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        // A console blocks even where it is asked not to. The thread ends with the process.
        Task
            .Factory.StartNew(Input.ReadLine, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(cancellationToken);
}
