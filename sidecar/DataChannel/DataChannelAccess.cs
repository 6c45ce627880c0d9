namespace RdsTunnel.DataChannels;

/// <summary>Where a session's data channel is, and the single-use token that opens it. The token is a secret.</summary>
public sealed record DataChannelAccess(Uri StreamUrl, string TokenValue)
{
    public override string ToString() => $"{nameof(DataChannelAccess)} {{ Host = {StreamUrl.Host} }}";
}

/// <summary>What a data channel asks of the service that started its session. Implementations are thread-safe.</summary>
public interface IDataChannelSession
{
    /// <summary>New access to the session after its websocket was lost; null when the session is over.</summary>
    /// <remarks>A <see cref="DataChannelException"/> is final; any other exception means: try again later.</remarks>
    Task<DataChannelAccess?> ResumeAsync(CancellationToken cancellationToken);

    /// <summary>The headers that sign the upgrade of the websocket, made anew for each attempt; null to open it without.</summary>
    /// <remarks>What fails here fails as <see cref="ResumeAsync"/> does.</remarks>
    Task<IReadOnlyList<KeyValuePair<string, string>>?> SignAsync(Uri streamUrl, CancellationToken cancellationToken);

    /// <summary>The service refused the headers of the last <see cref="SignAsync"/>, and opened the websocket without them.</summary>
    void OnSignatureRefused();

    /// <summary>What to tell when the service refuses to open the websocket at all.</summary>
    Task<Exception> DeniedAsync(CancellationToken cancellationToken);

    /// <summary>Ends the session at the service.</summary>
    Task TerminateAsync(CancellationToken cancellationToken);
}
