using System.IO.Pipelines;
using System.Net.Security;
using RdsTunnel.Databases;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>What a tool says and hears once it is signed in: the plain text of the connection to the database.</summary>
/// <remarks>Neither end completes the connection below; <see cref="ForwardedConnection"/> does.</remarks>
/// <param name="toolTls">What the tool's end speaks on top of its socket; null for nothing.</param>
internal sealed class SignedInPipe(Stream database, SslStream? toolTls) : IDuplexPipe, IAsyncDisposable
{
    /// <summary>A TLS record. An idle connection holds none.</summary>
    private const int ReadBytes = 16 * 1024;

    public SslStream? ToolTls => toolTls;

    public PipeReader Input { get; } =
        PipeReader.Create(
            database,
            new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: ReadBytes / 4, leaveOpen: true, useZeroByteReads: true)
        );

    public PipeWriter Output { get; } =
        PipeWriter.Create(database, new StreamPipeWriterOptions(minimumBufferSize: ReadBytes, leaveOpen: true));

    /// <summary>Says goodbye, after all that was written.</summary>
    public async Task EndOutputAsync()
    {
        await Output.CompleteAsync().ConfigureAwait(false);
        await (
            database switch
            {
                SslStream tls => tls.ShutdownAsync(),
                DuplexStream stream => stream.EndOutputAsync(),
                _ => Task.CompletedTask,
            }
        ).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync().ConfigureAwait(false);
        if (toolTls is not null)
        {
            await toolTls.DisposeAsync().ConfigureAwait(false);
        }
    }
}
