using System.IO.Pipelines;
using System.Net.Sockets;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Smux;

namespace RdsTunnel.Emulator.Agents;

/// <summary>Forwarding by agents since 3.0.196.0: smux over the data channel, a connection to the target for each stream.</summary>
internal sealed partial class MuxPortSession : IPortSession
{
    /// <summary>What fits into the Unix socket between the agent's data channel and its smux server.</summary>
    private const int SocketBufferBytes = 212_992;

    private readonly AgentDataChannel _channel;
    private readonly OutputPump _pump;
    private readonly TargetDialer _dialer;
    private readonly ILogger _logger;
    private readonly Pipe _toSmux = CreatePipe();
    private readonly Pipe _fromSmux = CreatePipe();
    private readonly SmuxSession _smux;

    public MuxPortSession(
        AgentDataChannel channel,
        OutputPump pump,
        TargetDialer dialer,
        TimeSpan? keepAliveInterval,
        TimeProvider time,
        ILogger logger
    )
    {
        _channel = channel;
        _pump = pump;
        _dialer = dialer;
        _logger = logger;
        _smux = SmuxSession.StartServer(
            new DuplexPipe(_toSmux.Reader, _fromSmux.Writer),
            SmuxOptions.Agent with
            {
                KeepAliveInterval = keepAliveInterval,
            },
            time
        );
    }

    public async ValueTask<InputResult> OnInputAsync(
        PayloadType payloadType,
        ReadOnlyMemory<byte> payload,
        CancellationToken cancellationToken
    )
    {
        if (payloadType != PayloadType.Output)
        {
            return InputResult.Processed;
        }

        var flushed = await _toSmux.Writer.WriteAsync(payload, cancellationToken).ConfigureAwait(false);
        return flushed.IsCompleted ? InputResult.Rejected : InputResult.Processed;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pump = _pump.RunAsync(_fromSmux.Reader, ending.Token);
        var accept = AcceptAsync(ending.Token);
        await Task.WhenAny(pump, accept).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(pump, accept).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await _smux.DisposeAsync().ConfigureAwait(false);
        await _toSmux.Writer.CompleteAsync().ConfigureAwait(false);
        await _fromSmux.Reader.CompleteAsync().ConfigureAwait(false);
    }

    // Dialling goes on inside of the loop, as in the real agent: while a target does not answer, no other stream is accepted.
    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var stream = await _smux.AcceptStreamAsync(cancellationToken).ConfigureAwait(false);
                connections.RemoveAll(connection => connection.IsCompleted);
                try
                {
                    var socket = await _dialer.DialAsync(cancellationToken).ConfigureAwait(false);
                    connections.Add(ForwardedConnection.RunAsync(stream, socket, cancellationToken));
                }
                catch (SocketException exception)
                {
                    LogDialFailed(stream.Id, exception.Message);
                    await _channel.SendFlagAsync(PayloadFlag.ConnectToPortError).ConfigureAwait(false);
                    await ForwardedConnection.CloseAsync(stream).ConfigureAwait(false);
                }
            }
        }
        catch (SmuxException)
        {
            // The smux session is over, and with it the forwarding.
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Pipe CreatePipe() =>
        new(
            new PipeOptions(
                pauseWriterThreshold: SocketBufferBytes,
                resumeWriterThreshold: SocketBufferBytes / 2,
                useSynchronizationContext: false
            )
        );

    [LoggerMessage(30, LogLevel.Information, "Stream {StreamId}: the target cannot be dialled: {Error}")]
    private partial void LogDialFailed(uint streamId, string error);

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
