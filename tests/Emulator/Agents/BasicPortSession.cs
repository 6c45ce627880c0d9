using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Threading.Channels;
using RdsTunnel.DataChannels.Protocol;

namespace RdsTunnel.Emulator.Agents;

/// <summary>Forwarding by agents before 3.0.196.0, and for clients before 1.1.70: raw bytes, one connection at a time. When the connection
/// ends, the next data dials again; without a dialer, as with SSH's document, the session ends with it.</summary>
internal sealed partial class BasicPortSession(
    AgentDataChannel channel,
    Socket firstConnection,
    TargetDialer? dialer,
    Pacer? pacer,
    TimeProvider time,
    ILogger logger
) : IPortSession
{
    private readonly Channel<Socket?> _redialed = Channel.CreateBounded<Socket?>(1);
    private volatile Socket _socket = firstConnection;
    private volatile bool _mustRedial;

    public async ValueTask<InputResult> OnInputAsync(
        PayloadType payloadType,
        ReadOnlyMemory<byte> payload,
        CancellationToken cancellationToken
    )
    {
        if (payloadType == PayloadType.Flag && IsDisconnectToPort(payload.Span))
        {
            Disconnect();
            return InputResult.Processed;
        }

        if (payloadType != PayloadType.Output)
        {
            return InputResult.Processed;
        }

        try
        {
            if (_mustRedial && dialer is not null)
            {
                await RedialAsync(cancellationToken).ConfigureAwait(false);
            }

            for (var sent = 0; sent < payload.Length; )
            {
                sent += await _socket.SendAsync(payload[sent..], SocketFlags.None, cancellationToken).ConfigureAwait(false);
            }

            return InputResult.Processed;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            LogInputRejected(exception.Message);
            return InputResult.Rejected;
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[AgentDataChannel.MaxPayloadBytes];
        while (true)
        {
            if (channel.IsPaused)
            {
                await Task.Delay(Pacer.Pace, time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var receiving = ReceiveAsync(buffer, cancellationToken);
            if (!receiving.IsCompleted)
            {
                pacer?.OnIdle();
            }

            var count = await receiving.ConfigureAwait(false);
            if (count == 0)
            {
                _socket.Dispose();
                _mustRedial = true;
                if (dialer is null || await _redialed.Reader.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } socket)
                {
                    return;
                }

                _socket = socket;
                continue;
            }

            await channel.SendStreamDataAsync(PayloadType.Output, new ReadOnlySequence<byte>(buffer, 0, count)).ConfigureAwait(false);
            if (pacer is not null)
            {
                await pacer.SleepAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    // The pending read then ends, and closes the socket.
    private void Disconnect()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            LogAlreadyDisconnected(exception.Message);
        }
    }

    private async Task RedialAsync(CancellationToken cancellationToken)
    {
        try
        {
            _socket = await dialer!.DialAsync(cancellationToken).ConfigureAwait(false);
            _mustRedial = false;
            await _redialed.Writer.WriteAsync(_socket, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            await _redialed.Writer.WriteAsync(null, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<int> ReceiveAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return 0;
        }
    }

    private static bool IsDisconnectToPort(ReadOnlySpan<byte> payload) =>
        payload.Length == sizeof(uint) && BinaryPrimitives.ReadUInt32BigEndian(payload) == (uint)PayloadFlag.DisconnectToPort;

    [LoggerMessage(31, LogLevel.Information, "Input not taken: {Error}")]
    private partial void LogInputRejected(string error);

    [LoggerMessage(32, LogLevel.Debug, "Nothing to disconnect: {Error}")]
    private partial void LogAlreadyDisconnected(string error);
}
