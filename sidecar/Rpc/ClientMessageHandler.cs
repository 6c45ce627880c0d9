using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using StreamJsonRpc;

namespace RdsTunnel.Rpc;

/// <summary>Reads and writes the client's messages. Its end never fails: nobody waits for it.</summary>
internal sealed partial class ClientMessageHandler(IDuplexPipe transport, IJsonRpcMessageFormatter formatter, ILogger logger)
    : HeaderDelimitedMessageHandler(transport, formatter)
{
    protected override void DisposeWriter()
    {
        try
        {
            base.DisposeWriter();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            LogNotFlushed(logger, e); // the rest of a message cannot be written to a peer that is gone
        }
    }

    [LoggerMessage(110, LogLevel.Debug, "The connection closed in the middle of a message")]
    private static partial void LogNotFlushed(ILogger logger, Exception exception);
}
