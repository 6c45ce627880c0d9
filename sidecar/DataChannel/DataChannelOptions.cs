using System.Net;
using System.Net.Security;

namespace RdsTunnel.DataChannels;

/// <summary>How a channel's websocket is reached.</summary>
public sealed record DataChannelOptions
{
    /// <summary>The reference client's newest. The node decides by it whether to multiplex (1.1.70)
    /// and to keep smux keepalive off (above 1.2.331);
    /// the service says that it will refuse what is older than 1.2.764.0.</summary>
    public const string ClientVersion = "1.2.896.0";

    /// <summary>What the reference client sends. What the service allows beyond that is not known.</summary>
    public const int MaxPayloadBytes = 1024;

    /// <summary>Null for none but the one that .NET finds.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>Also sessions whose bytes are those of one connection are accepted, as SSH's are.</summary>
    public bool TakesRaw { get; init; }

    /// <summary>Judges the server's certificate; null for the system.</summary>
    public RemoteCertificateValidationCallback? CertificateValidation { get; init; }
}
