using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.DataChannels;

namespace RdsTunnel.Tunnels.Sessions;

/// <summary>One SSM session, as its data channel sees the service. One call at a time but for <see cref="TerminateAsync"/>.</summary>
internal sealed class SsmDataChannelSession(
    ISessionService service,
    string sessionId,
    SessionEnds ends,
    ChannelSigning signing,
    ILogger logger
) : IDataChannelSession
{
    private object? _identity;
    private volatile int _opening = (int)ChannelOpening.WithoutSignature;

    /// <summary>How the websocket was opened last.</summary>
    public ChannelOpening Opening => (ChannelOpening)_opening;

    public async Task<DataChannelAccess?> ResumeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var access = await service.ResumeSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
            return access is null ? null : new DataChannelAccess(access.StreamUrl, access.TokenValue);
        }
        catch (AwsException e) when (!e.IsTransient && !e.NeedsSignIn && e.Code != AwsErrorCode.CredentialsUnavailable)
        {
            throw new DataChannelException(DataChannelError.ResumeRefused, $"The session couldn't be resumed: {e.Message}", e);
        }
    }

    public async Task<IReadOnlyList<KeyValuePair<string, string>>?> SignAsync(Uri streamUrl, CancellationToken cancellationToken)
    {
        if (await service.SignChannelAsync(streamUrl, cancellationToken).ConfigureAwait(false) is not { } signature)
        {
            _opening = (int)ChannelOpening.WithoutSignature;
            return null;
        }

        _identity = signature.Identity;
        var isRefused = signing.IsRefusedFor(_identity);
        _opening = (int)(isRefused ? ChannelOpening.SignatureRefused : ChannelOpening.WithSignature);
        return isRefused ? null : signature.Headers;
    }

    public void OnSignatureRefused()
    {
        TunnelLog.SignatureRefused(logger, sessionId);
        signing.Refuse(_identity!);
        _opening = (int)ChannelOpening.SignatureRefused;
    }

    public async Task<Exception> DeniedAsync(CancellationToken cancellationToken)
    {
        // What worked without a signature works no more: the next attempt is signed again.
        signing.Forget();
        return await service.ChannelDeniedAsync(sessionId, cancellationToken).ConfigureAwait(false);
    }

    public Task TerminateAsync(CancellationToken cancellationToken) => ends.EndAsync(service, sessionId, cancellationToken);
}
