using Microsoft.Extensions.Logging;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels.Messaging;

/// <summary>The orderly end of a session: the node and the service are told at the same time.</summary>
internal sealed class Farewell(IDataChannelSession session, MessageSender sender, TimeProvider time, ILogger logger)
{
    /// <summary>For the node to acknowledge the flag.</summary>
    private static readonly TimeSpan FlagTimeout = TimeSpan.FromMilliseconds(500);

    /// <param name="link">Null when the node cannot be told, or does not listen yet.</param>
    public async Task SayAsync(IDataChannelLink? link, CancellationToken cancellationToken)
    {
        var told = link is null ? Task.CompletedTask : TellNodeAsync(link, cancellationToken);
        try
        {
            await session.TerminateAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            DataChannelLog.TerminateFailed(logger, SafeText.Describe(e));
        }

        await told.ConfigureAwait(false);
    }

    private async Task TellNodeAsync(IDataChannelLink link, CancellationToken cancellationToken)
    {
        try
        {
            await sender
                .SendControlAsync(PayloadType.Flag, MessageSender.FlagPayload(PayloadFlag.TerminateSession))
                .WaitAsync(FlagTimeout, time, cancellationToken)
                .ConfigureAwait(false);
            await sender.WhenAcknowledgedAsync().WaitAsync(FlagTimeout, time, cancellationToken).ConfigureAwait(false);
            await link.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or LinkException)
        {
            DataChannelLog.CloseFailed(logger, SafeText.Describe(e));
        }
    }
}
