using RdsTunnel.Aws;
using RdsTunnel.DataChannels;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>One SSM session, as its data channel sees the service.</summary>
internal sealed class SsmDataChannelSession(ISessionService service, string sessionId) : IDataChannelSession
{
    public async Task<DataChannelAccess?> ResumeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var access = await service.ResumeSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
            return access is null ? null : new DataChannelAccess(access.StreamUrl, access.TokenValue);
        }
        catch (AwsException e) when (!e.IsTransient && !e.NeedsSignIn && e.Code != AwsErrorCode.CredentialsUnavailable)
        {
            throw new DataChannelException(DataChannelError.ResumeRefused, $"The session cannot be resumed: {e.Message}", e);
        }
    }

    public Task TerminateAsync(CancellationToken cancellationToken) => service.TerminateSessionAsync(sessionId, cancellationToken);
}
