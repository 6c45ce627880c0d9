namespace RdsTunnel.Rpc;

/// <summary>Why a connection is over.</summary>
public enum ConnectionEnd
{
    /// <summary>The client closed its sending side.</summary>
    InputClosed,

    /// <summary>The client reads no more.</summary>
    OutputClosed,

    /// <summary>The client said that it ends here (<c>exit</c>).</summary>
    Exit,

    /// <summary>The client sent something whose end cannot be found.</summary>
    BrokenFraming,
}
