namespace RdsTunnel.Smux;

/// <summary>What ended a session or a stream, and whose doing it was.</summary>
public enum SmuxError
{
    // The session.
    /// <summary>The peer sent what is not smux version 1.</summary>
    ProtocolError,

    /// <summary>The transport reached its end.</summary>
    TransportClosed,

    /// <summary>The transport failed; the inner exception is its own.</summary>
    TransportFailed,

    /// <summary>Nothing at all arrived for <see cref="SmuxOptions.KeepAliveTimeout"/>.</summary>
    KeepAliveTimeout,

    /// <summary>A defect in this code ended the session; the inner exception tells which.</summary>
    InternalError,

    /// <summary>The session was disposed here.</summary>
    SessionDisposed,

    // Opening a stream.
    /// <summary>The session has used all of its stream ids: open streams on another one.</summary>
    StreamIdsExhausted,

    // One stream.
    /// <summary>The stream was reset here.</summary>
    LocalReset,

    /// <summary>The stream was reset because its local reader held most of an exhausted receive budget.</summary>
    SlowReader,

    /// <summary>The session ended under the stream; the inner exception is the session's.</summary>
    SessionFailed,
}

/// <summary>A session ended, or could not do what was asked.</summary>
public class SmuxException : Exception
{
    internal SmuxException(SmuxError code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    public SmuxError Code { get; }

    /// <summary>The same failure for one more caller: an exception that several threads throw loses its stack.</summary>
    internal static SmuxException Again(SmuxException failure) => new(failure.Code, failure.Message, failure);
}

/// <summary>A stream ended otherwise than by its peer's FIN.</summary>
public sealed class SmuxStreamException : SmuxException
{
    internal SmuxStreamException(SmuxError code, uint streamId, string message, Exception? innerException = null)
        : base(code, message, innerException) => StreamId = streamId;

    public uint StreamId { get; }
}
