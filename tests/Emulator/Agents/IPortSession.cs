using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Agents;

/// <summary>The port plugin's way of forwarding: multiplexed, or one connection at a time.</summary>
internal interface IPortSession : IAsyncDisposable
{
    /// <summary>Takes data or a flag from the client.</summary>
    ValueTask<InputResult> OnInputAsync(PayloadType payloadType, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>Carries data to the client until forwarding has ended.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
