namespace RdsTunnel.Rpc;

/// <summary>The boundaries of messages are lost: nothing that follows on this connection can be understood.</summary>
internal sealed class FramingException(string message) : Exception(message);
