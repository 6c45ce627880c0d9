using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Wire;

namespace RdsTunnel.Emulator.Agents;

/// <summary>The real agent's part in one session: handshake, port plugin, end. It sits on the relay
/// directly, without a websocket.</summary>
internal sealed class EmulatedAgent : ISessionAgent
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FarewellPoll = TimeSpan.FromMilliseconds(10);

    private readonly EmulatedSession _session;
    private readonly AgentOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly TargetDialer _dialer;
    private readonly CancellationToken _killed;
    private readonly TaskCompletionSource<HandshakeResponse> _handshakeResponse = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isHandshakeComplete;
    private volatile IPortSession? _portSession;

    public EmulatedAgent(EmulatedSession session, AgentOptions options, ILogger logger)
    {
        _session = session;
        _options = options;
        _logger = logger;
        _time = session.TimeProvider;
        _killed = session.AgentKilled;
        _dialer = new TargetDialer(session.Properties.Host ?? "localhost", session.Properties.PortNumber, options);
    }

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var link = new RelayLink();
        try
        {
            using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _killed);
            if (!_options.ConnectsBeforeClient)
            {
                await _session.Relay.FirstClient.WaitAsync(life.Token).ConfigureAwait(false);
            }

            life.Token.ThrowIfCancellationRequested();
            return await ServeAsync(link, life.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_killed.IsCancellationRequested)
        {
            // Dead, and still connected as far as anybody knows: what is sent to it vanishes.
            _session.OnAgentDead();
            while (await link.Messages.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (link.Messages.TryRead(out var message))
                {
                    message.Release();
                    link.MessageTaken();
                }
            }

            return "";
        }
        finally
        {
            _session.Relay.Detach(RelaySide.Node, link);
        }
    }

    private async Task<string> ServeAsync(RelayLink link, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var channel = new AgentDataChannel(
            link,
            message => _session.Relay.ForwardAsync(RelaySide.Node, message),
            (type, payload) => OnPayloadAsync(type, payload, ending.Token),
            _time
        );
        _session.Relay.Attach(RelaySide.Node, link);
        var reading = channel.ReadAsync(ending.Token);
        var resending = channel.ResendAsync(ending.Token);
        var plugin = RunPluginAsync(channel, ending.Token);

        // The reader ends when the service closes the channel; then there is nobody left to say goodbye to.
        var isClosedByService = await Task.WhenAny(plugin, reading, resending).ConfigureAwait(false) != plugin;
        if (!isClosedByService)
        {
            await FinishSendingAsync(channel, ending.Token).ConfigureAwait(false);
        }

        await ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(reading, resending, plugin).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var task in (ReadOnlySpan<Task>)[reading, resending])
        {
            if (task.IsFaulted)
            {
                throw task.Exception;
            }
        }

        return plugin.IsCanceled ? "" : await plugin.ConfigureAwait(false);
    }

    private async Task<string> RunPluginAsync(AgentDataChannel channel, CancellationToken cancellationToken)
    {
        await channel.SendSessionStateAsync(_session.Id).ConfigureAwait(false);
        var startedAt = _time.GetTimestamp();
        await SendJsonAsync(
                channel,
                PayloadType.HandshakeRequest,
                JsonSerializer.SerializeToUtf8Bytes(CreateHandshakeRequest(), DataChannelJson.Default.HandshakeRequest)
            )
            .ConfigureAwait(false);

        HandshakeResponse response;
        try
        {
            response = await _handshakeResponse.Task.WaitAsync(HandshakeTimeout, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return "Encountered error while initiating handshake. Handshake timed out. Please ensure that you have the latest version of the session manager plugin.";
        }

        if (response.ProcessedClientActions.FirstOrDefault(action => action.ActionStatus != ActionStatus.Success) is { } failed)
        {
            return $"Encountered error while initiating handshake. {failed.ActionType} failed on client with status {(int)failed.ActionStatus} error: {failed.Error}";
        }

        var starting = StartPortSessionAsync(channel, response.ClientVersion, cancellationToken);
        if (_options.PluginStartTime == TimeSpan.Zero)
        {
            await Task.WhenAny(starting).ConfigureAwait(false);
        }

        // Set first: what a client sends once it has seen HandshakeComplete is not to be thrown away.
        _isHandshakeComplete = true;
        var complete = new HandshakeComplete((long)_time.GetElapsedTime(startedAt).TotalNanoseconds, "");
        await SendJsonAsync(
                channel,
                PayloadType.HandshakeComplete,
                JsonSerializer.SerializeToUtf8Bytes(complete, DataChannelJson.Default.HandshakeComplete)
            )
            .ConfigureAwait(false);
        try
        {
            return await ForwardAsync(await starting.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            return $"Unable to connect to specified port: {exception.Message}";
        }
        catch (ForbiddenHostException exception)
        {
            return exception.Message;
        }
    }

    private async Task<string> ForwardAsync(IPortSession portSession, CancellationToken cancellationToken)
    {
        await using (portSession.ConfigureAwait(false))
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var forwarding = portSession.RunAsync(ending.Token);
            await Task.WhenAny(forwarding, _terminated.Task).ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
            await forwarding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _portSession = null;
            return forwarding.IsFaulted ? forwarding.Exception.InnerException!.Message : "";
        }
    }

    private async Task<IPortSession> StartPortSessionAsync(
        AgentDataChannel channel,
        string clientVersion,
        CancellationToken cancellationToken
    )
    {
        await Task.Delay(_options.PluginStartTime, _time, cancellationToken).ConfigureAwait(false);
        var portSession = await CreatePortSessionAsync(channel, clientVersion, cancellationToken).ConfigureAwait(false);
        _portSession = portSession;
        return portSession;
    }

    private async Task<IPortSession> CreatePortSessionAsync(
        AgentDataChannel channel,
        string clientVersion,
        CancellationToken cancellationToken
    )
    {
        if (
            _session.Properties.Host is { } host
            && await ForbiddenAddresses
                .ContainAsync(
                    host,
                    _session.Instance,
                    name => _options.Resolve(name, _session.Properties.PortNumber).Host,
                    cancellationToken
                )
                .ConfigureAwait(false)
        )
        {
            throw new ForbiddenHostException(host);
        }

        var agentVersion = _session.Instance.AgentVersion;
        var pacer = _options.Unpaced ? null : new Pacer(_time);
        if (_session.Properties.Forwards && AgentVersions.Multiplexes(agentVersion, clientVersion))
        {
            var pump = new OutputPump(channel, pacer, _time);
            return new MuxPortSession(channel, pump, _dialer, AgentVersions.KeepAliveInterval(agentVersion, clientVersion), _time, _logger);
        }

        var connection = await _dialer.DialAsync(cancellationToken).ConfigureAwait(false);
        return new BasicPortSession(channel, connection, _session.Properties.Forwards ? _dialer : null, pacer, _time, _logger);
    }

    private async ValueTask<InputResult> OnPayloadAsync(PayloadType type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (type == PayloadType.HandshakeResponse)
        {
            return OnHandshakeResponse(payload.Span);
        }

        if (!_isHandshakeComplete)
        {
            return InputResult.Processed;
        }

        if (_portSession is not { } portSession)
        {
            return InputResult.Rejected;
        }

        if (
            type == PayloadType.Flag
            && payload.Length == sizeof(uint)
            && BinaryPrimitives.ReadUInt32BigEndian(payload.Span) == (uint)PayloadFlag.TerminateSession
        )
        {
            _terminated.TrySetResult();
            return InputResult.Processed;
        }

        return await portSession.OnInputAsync(type, payload, cancellationToken).ConfigureAwait(false);
    }

    private InputResult OnHandshakeResponse(ReadOnlySpan<byte> payload)
    {
        try
        {
            if (
                JsonSerializer.Deserialize(payload, DataChannelJson.Default.HandshakeResponse)
                is not { ProcessedClientActions: not null } response
            )
            {
                return InputResult.Rejected;
            }

            _handshakeResponse.TrySetResult(response);
            return InputResult.Processed;
        }
        catch (JsonException)
        {
            return InputResult.Rejected;
        }
    }

    private HandshakeRequest CreateHandshakeRequest()
    {
        var parameters = new SessionTypeParameters(_session.Properties.SessionType, _session.Properties.ToJson());
        return new HandshakeRequest(
            _session.Instance.AgentVersion,
            [
                new RequestedClientAction(
                    "SessionType",
                    JsonSerializer.SerializeToElement(parameters, DataChannelJson.Default.SessionTypeParameters)
                ),
            ]
        );
    }

    private static ValueTask SendJsonAsync(AgentDataChannel channel, PayloadType type, byte[] json) =>
        channel.SendStreamDataAsync(type, new ReadOnlySequence<byte>(json));

    /// <summary>In the real agent's words, which name the host as the client did.</summary>
    private sealed class ForbiddenHostException(string host) : Exception($"Forwarding to IP address {host} is forbidden.");

    // Waits a little for what is still unacknowledged.
    private async Task FinishSendingAsync(AgentDataChannel channel, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetTimestamp();
        while (channel.UnacknowledgedMessages > 0 && _time.GetElapsedTime(startedAt) < LongestFarewell)
        {
            await Task.Delay(FarewellPoll, _time, cancellationToken).ConfigureAwait(false);
        }
    }
}
