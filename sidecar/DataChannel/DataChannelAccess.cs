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

    /// <summary>Ends the session at the service.</summary>
    Task TerminateAsync(CancellationToken cancellationToken);
}
