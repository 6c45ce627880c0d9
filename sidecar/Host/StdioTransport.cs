using System.IO.Pipelines;

namespace RdsTunnel.Host;

/// <summary>Standard input and output as pipes.</summary>
/// <remarks>Reads and writes of these streams block and cannot be cancelled, so each has a thread
/// of its own, which ends with the process at the latest.</remarks>
internal sealed class StdioTransport : IDuplexPipe
{
    /// <summary>Backpressure: a kernel pipe's own size, so that neither side holds more than the other.</summary>
    private const int MaxBufferedBytes = 64 * 1024;

    private static readonly PipeOptions Options = new(
        pauseWriterThreshold: MaxBufferedBytes,
        resumeWriterThreshold: MaxBufferedBytes / 2,
        useSynchronizationContext: false
    );

    private readonly Pipe _input = new(Options);
    private readonly Pipe _output = new(Options);
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputLost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StdioTransport(Stream input, Stream output)
    {
        Start("stdin", () => Copy(input, _input.Writer));
        Start("stdout", () => Copy(_output.Reader, output));
    }

    public PipeReader Input => _input.Reader;

    public PipeWriter Output => _output.Writer;

    /// <summary>Completed when the output's end, and all before it, has been written, or cannot be.</summary>
    public Task Written => _written.Task;

    /// <summary>Completed when nobody reads the output any more.</summary>
    public Task OutputLost => _outputLost.Task;

    private static void Start(string name, Action loop) => new Thread(() => loop()) { Name = name, IsBackground = true }.Start();

    // A descriptor that is open the other way only counts as a permission that is missing, or as a stream of another kind.
    private static bool IsOfStream(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException;

#pragma warning disable VSTHRD002 // To block is what these two threads are for.

    private static void Copy(Stream from, PipeWriter to)
    {
        try
        {
            while (from.Read(to.GetSpan()) is > 0 and var read)
            {
                to.Advance(read);
                if (to.FlushAsync().AsTask().GetAwaiter().GetResult().IsCompleted)
                {
                    break;
                }
            }

            to.Complete();
        }
        catch (Exception e) when (IsOfStream(e))
        {
            to.Complete(e); // the reader gets it
        }
    }

    private void Copy(PipeReader from, Stream to)
    {
        try
        {
            bool isCompleted;
            do
            {
                var result = from.ReadAsync().AsTask().GetAwaiter().GetResult();
                foreach (var part in result.Buffer)
                {
                    to.Write(part.Span);
                }

                from.AdvanceTo(result.Buffer.End);
                isCompleted = result.IsCompleted;
            } while (!isCompleted);
            from.Complete();
        }
        catch (Exception e) when (IsOfStream(e))
        {
            from.Complete(e); // the next flush gets it, if there is one
            _outputLost.TrySetResult();
        }
        finally
        {
            _written.TrySetResult();
        }
    }
}
