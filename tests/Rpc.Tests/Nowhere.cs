using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;

namespace RdsTunnel.Rpc.Tests;

/// <summary>The other end of a connection that nobody looks at.</summary>
internal sealed class Nowhere : IDuplexPipe
{
    public PipeReader Input { get; } = PipeReader.Create(Stream.Null);

    public PipeWriter Output { get; } = PipeWriter.Create(Stream.Null);

    public static JsonRpcConnection Connection() => new(new Nowhere(), TimeProvider.System, NullLogger<JsonRpcConnection>.Instance);
}
