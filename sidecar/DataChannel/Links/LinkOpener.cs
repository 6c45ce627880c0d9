using Microsoft.Extensions.Logging;

namespace RdsTunnel.DataChannels.Links;

/// <summary>Opens a link with a signature made for it, and once without where the service refuses
/// the signature: a permission that is missing must not
/// break what works without it.</summary>
internal sealed class LinkOpener(IDataChannelConnector connector, IDataChannelSession session, TimeProvider time, ILogger logger)
{
    /// <summary>For one attempt to open the websocket, proxy and TLS included.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <exception cref="LinkException">It cannot be opened.</exception>
    /// <exception cref="Exception">What <see cref="IDataChannelSession"/> throws, or gives for a refusal.</exception>
    public async Task<IDataChannelLink> OpenAsync(DataChannelAccess access, CancellationToken cancellationToken)
    {
        var signature = await session.SignAsync(access.StreamUrl, cancellationToken).ConfigureAwait(false);
        try
        {
            if (signature is null)
            {
                return await ConnectAsync(access, null, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                return await ConnectAsync(access, signature, cancellationToken).ConfigureAwait(false);
            }
            catch (LinkException e) when (e.Fault == LinkFault.Forbidden)
            {
                DataChannelLog.SignatureRefused(logger, access.StreamUrl.Host);
            }

            var link = await ConnectUnsignedAsync(access, cancellationToken).ConfigureAwait(false);
            session.OnSignatureRefused();
            return link;
        }
        catch (LinkException e) when (e.Fault == LinkFault.Forbidden)
        {
            throw await session.DeniedAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Whatever refuses it now, the signature was refused first: a request without one may count as malformed.
    private async Task<IDataChannelLink> ConnectUnsignedAsync(DataChannelAccess access, CancellationToken cancellationToken)
    {
        try
        {
            return await ConnectAsync(access, null, cancellationToken).ConfigureAwait(false);
        }
        catch (LinkException e) when (e.Fault == LinkFault.UpgradeRefused)
        {
            throw new LinkException(e.Message) { Fault = LinkFault.Forbidden };
        }
    }

    private async Task<IDataChannelLink> ConnectAsync(
        DataChannelAccess access,
        IReadOnlyList<KeyValuePair<string, string>>? signature,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await connector.ConnectAsync(access, signature, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException($"{access.StreamUrl.Host} did not answer within {ConnectTimeout.TotalSeconds:F0} s.", e)
            {
                Fault = LinkFault.Unreachable,
            };
        }
    }
}
