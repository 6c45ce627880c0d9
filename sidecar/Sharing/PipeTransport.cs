using System.IO.Pipelines;

namespace RdsTunnel.Sharing;

/// <summary>A stream as a pair of pipes.</summary>
internal sealed class PipeTransport(Stream stream) : IDuplexPipe
{
    public PipeReader Input { get; } = PipeReader.Create(stream, new(leaveOpen: true));

    public PipeWriter Output { get; } = PipeWriter.Create(stream, new(leaveOpen: true));
}
