using System.IO.Pipelines;

namespace RdsTunnel.Smux.Tests;

/// <summary>Two ends of an in-memory transport. It takes <c>pauseBytes</c> before its writer must wait.</summary>
internal sealed class DuplexPair
{
    private DuplexPair(IDuplexPipe client, IDuplexPipe server) => (Client, Server) = (client, server);

    public IDuplexPipe Client { get; }

    public IDuplexPipe Server { get; }

    public static DuplexPair Create(long pauseBytes = 64 * 1024)
    {
        var options = new PipeOptions(
            pauseWriterThreshold: pauseBytes,
            resumeWriterThreshold: (pauseBytes + 1) / 2,
            useSynchronizationContext: false
        );
        var up = new Pipe(options);
        var down = new Pipe(options);
        return new DuplexPair(new End(down.Reader, up.Writer), new End(up.Reader, down.Writer));
    }

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
