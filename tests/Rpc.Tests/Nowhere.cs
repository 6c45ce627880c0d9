using Microsoft.Extensions.Logging.Abstractions;
using Nerdbank.Streams;

namespace RdsTunnel.Rpc.Tests;

/// <summary>The other end of a connection that nobody looks at.</summary>
internal static class Nowhere
{
    public static JsonRpcConnection Connection() => new(FullDuplexStream.CreatePipePair().Item1, TimeProvider.System, NullLogger<JsonRpcConnection>.Instance);
}
