using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Host;

/// <summary>This program in place of AWS's session-manager-plugin: for the session that the AWS CLI
/// has just started, with the output that scripts wait for.</summary>
internal sealed class PluginCommand(PluginArguments arguments, TimeProvider time)
{
    /// <summary>The address to listen on; a proposal for the plugin that never came into it, but into scripts.</summary>
    private const string AddressVariable = "SSM_PLUGIN_LOCAL_HOST";

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(OpenCommand.MaxWaitingLines) { FullMode = BoundedChannelFullMode.DropOldest }
    );
    private readonly string _sessionId = ForeignText.Line(arguments.Session.SessionId ?? "");
    private int _hasAccepted; // 1: a connection; changed atomically

    public static async Task<int> RunAsync(string[] args, TimeProvider time)
    {
        var output = StandardStreams.Output;
        switch (args)
        {
            case []:
                // The AWS CLI's ecs execute-command looks in this way whether there is a plugin.
                await output
                    .WriteLineAsync(
                        $"RDS Tunnel {Program.Version} runs in place of {PluginArguments.Name}. Use the AWS CLI to start a session."
                    )
                    .ConfigureAwait(false);
                return ExitCode.Ended;
            case ["--version"]:
                // The AWS CLI decides by it how it hands over the token. It is the version whose protocol is spoken, as AWS is told, too.
                await output.WriteLineAsync(AdoptedSession.ClientVersion).ConfigureAwait(false);
                return ExitCode.Ended;
            default:
                if (PluginArguments.Read(args, Environment.GetEnvironmentVariable, out var problem) is { } arguments)
                {
                    // Programs that give credentials are none of the token's business.
                    if (!arguments.IsTokenOnCommandLine)
                    {
                        Environment.SetEnvironmentVariable(args[0], null);
                    }

                    return await new PluginCommand(arguments, time).RunAsync().ConfigureAwait(false);
                }

                await StandardStreams.Error.WriteLineAsync($"rds-tunnel: {problem}").ConfigureAwait(false);
                return ExitCode.Usage;
        }
    }

    private async Task<int> RunAsync()
    {
        KeySignals.StopIgnoring();
        await using var stderr = new StderrLoggerProvider(StandardStreams.OpenError(), new LogLevelSwitch(LogLevel.Warning), time);
        using var loggers = Loggers.Create(time, stderr);
        using var lifetime = new ProcessLifetime(time, loggers.CreateLogger<ProcessLifetime>());
        using var stop = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGTSTP, End);
        using var quit = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGQUIT, End);
        lifetime.HandOn = _ =>
        {
            TellOfSignal();
            return false;
        };
        var exitCode = await lifetime.RunAsync(ending => RunAsync(loggers, lifetime, ending)).ConfigureAwait(false);
        // An AWS CLI that has put the token on the command line prints that line for any other code.
        return arguments.IsTokenOnCommandLine ? ExitCode.Ended : exitCode;

        // The AWS CLI does not stop for Ctrl-Z: a plugin that did would keep the terminal.
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            TellOfSignal();
            lifetime.End($"Received {context.Signal}");
        }

        void TellOfSignal() => _lines.Writer.TryWrite("Terminate signal received, exiting.");
    }

    private async Task RunAsync(ILoggerFactory loggers, ProcessLifetime lifetime, CancellationToken ending)
    {
        try
        {
            using var aws = new AwsServices(time, loggers, new NobodyToAsk());
            var service = aws.For(new AwsScope(Profile(), arguments.Region, Endpoint()));
            await using var session = await OpenAsync(service, loggers, ending).ConfigureAwait(false);
            await (session.Forwards ? ForwardAsync(session, ending) : CopyAsync(session, ending)).ConfigureAwait(false);
            lifetime.End("The session has ended");
        }
        catch (AwsException e)
        {
            Fail(lifetime, new TunnelException(e), $"The session {_sessionId} may stay open until its idle timeout.");
        }
        catch (TunnelException e)
        {
            Fail(
                lifetime,
                e,
                e.Code == TunnelErrorCode.HandshakeRefused
                    ? $"RDS Tunnel forwards ports and SSH. For shells and commands use AWS's own {PluginArguments.Name}."
                    : null
            );
        }
    }

    private async Task<AdoptedSession> OpenAsync(ISessionService service, ILoggerFactory loggers, CancellationToken ending)
    {
        SessionAccess access;
        try
        {
            access = service.Adopt(arguments.Session.SessionId, arguments.Session.StreamUrl, arguments.Session.TokenValue);
        }
        catch (AwsException e) when (arguments.Session.SessionId is { Length: > 0 } unused)
        {
            await service.TerminateSessionAsync(unused, ending).ConfigureAwait(false);
            throw new TunnelException(e);
        }

        return await AdoptedSession.OpenAsync(service, access, arguments.Target, time, loggers, ending).ConfigureAwait(false);
    }

    private async Task ForwardAsync(AdoptedSession session, CancellationToken ending)
    {
        session.Accepted += () =>
        {
            if (Interlocked.Exchange(ref _hasAccepted, 1) == 0)
            {
                _lines.Writer.TryWrite($"{Environment.NewLine}Connection accepted for session [{_sessionId}]");
            }
        };
        session.Refused += () =>
            _lines.Writer.TryWrite(
                $"{Environment.NewLine}Connection to destination port failed: the jump host {ForeignText.Line(arguments.Target)} could not connect. Check host and port, that the database is running, and that its security groups allow the jump host."
            );
        var port = session.Listen(Address(), LocalAccesses.In(Environment.GetEnvironmentVariable).OthersMayConnect);
        _lines.Writer.TryWrite($"{Environment.NewLine}Starting session with SessionId: {_sessionId}");
        _lines.Writer.TryWrite($"Port {port} opened for sessionId {_sessionId}.");
        _lines.Writer.TryWrite("Waiting for connections...");
        var printing = OpenCommand.PrintAsync(_lines.Reader, StandardStreams.Output, CancellationToken.None);
        try
        {
            await WaitAsync(session, ending).ConfigureAwait(false);
        }
        finally
        {
            await session.DisposeAsync().ConfigureAwait(false);
            _lines.Writer.TryWrite(
                $"{Environment.NewLine}{Environment.NewLine}Exiting session with sessionId: {_sessionId}.{Environment.NewLine}"
            );
            _lines.Writer.Complete();
            await printing.ConfigureAwait(false);
        }
    }

    // Standard output belongs to the connection: SSH's, for its ProxyCommand.
    private static async Task CopyAsync(AdoptedSession session, CancellationToken ending)
    {
        var (input, output) = StandardStreams.Take();
        var standard = new StdioTransport(input, output);
        await Task.WhenAny(session.CopyAsync(standard, ending), standard.OutputLost).ConfigureAwait(false);
        if (!standard.OutputLost.IsCompleted)
        {
            await standard.Written.WaitAsync(ending).ConfigureAwait(false);
        }

        await WaitAsync(session, ending).ConfigureAwait(false);
    }

    private static async Task WaitAsync(AdoptedSession session, CancellationToken ending)
    {
        try
        {
            await session.WaitAsync(ending).ConfigureAwait(false);
        }
        catch (TunnelException e) when (e.Code == TunnelErrorCode.SessionEnded)
        {
            // As the session's owner, its account or its idle time would have it.
            StandardStreams.Error.Say($"rds-tunnel: {e.Message}");
        }
    }

    // Older AWS CLIs name the environment's profile as if it had been asked for; the environment's keys still go before it.
    private string? Profile() =>
        arguments.Profile == (Variable("AWS_PROFILE") ?? Variable("AWS_DEFAULT_PROFILE")) ? null : arguments.Profile;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <exception cref="TunnelException">It is no address.</exception>
    private Uri? Endpoint() =>
        arguments.Endpoint is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) ? url
        : throw new TunnelException(TunnelErrorCode.ConfigurationInvalid, "The endpoint, the last argument, isn't a URL.");

    /// <exception cref="TunnelException">Other computers could connect to it, or it is none.</exception>
    private static IPAddress Address() =>
        Variable(AddressVariable) switch
        {
            null or "localhost" => IPAddress.Loopback,
            var text
                when IPAddress.TryParse(text, out var address)
                    && address.AddressFamily == AddressFamily.InterNetwork
                    && IPAddress.IsLoopback(address) => address,
            _ => throw new TunnelException(
                TunnelErrorCode.InvalidRequest,
                $"{AddressVariable} isn't an IPv4 address of this computer alone. RDS Tunnel never lets other computers connect: use localhost or 127.0.0.1 to 127.255.255.254. "
                    + "Containers reach the port with the host's network (docker run --network host)."
            ),
        };

    private static void Fail(ProcessLifetime lifetime, TunnelException failure, string? advice)
    {
        StandardStreams.Error.Say($"rds-tunnel: {failure.Message} ({failure.Code})");
        if (advice is not null)
        {
            StandardStreams.Error.Say($"rds-tunnel: {advice}");
        }

        lifetime.End("The session could not be used", ExitCode.Failed);
    }
}
