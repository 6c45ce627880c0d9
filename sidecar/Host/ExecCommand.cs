using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Faults;
using RdsTunnel.Programs;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel exec … -- program</c>: a program with a tunnel around it, whose exit code it hands on.</summary>
internal sealed class ExecCommand(ExecOptions options, TimeProvider time)
{
    private readonly TextWriter _error = StandardStreams.Error;
    private int? _exitCode; // of the program, once it has ended

    public async Task<int> RunAsync(LogLevel level)
    {
        string? file,
            database;
        OpenTunnelParams typed;
        try
        {
            (typed, database, file) = options.Resolve();
        }
        catch (TeamFileException e)
        {
            return Fail(e.Message, ExitCode.Failed);
        }

        // Without a login, the user is the program's business alone.
        var user = typed.User;
        if (!OpenCommand.TryRead(typed with { User = typed.Login is null ? null : user }, _error, out var request))
        {
            return ExitCode.Usage;
        }

        var (program, missing) = ProgramPath.Find(options.Program[0], Environment.GetEnvironmentVariable);
        if (program is null)
        {
            return Fail($"{options.Program[0]}: {(missing == ProgramPath.NotFound ? "command not found" : "not executable")}.", missing);
        }

        await using var stderr = new StderrLoggerProvider(StandardStreams.OpenError(), new LogLevelSwitch(level), time);
        using var loggers = Loggers.Create(time, stderr);
        using var lifetime = new ProcessLifetime(time, loggers.CreateLogger<ProcessLifetime>());
        var ended = await lifetime
            .RunAsync(async ending =>
            {
                using var aws = new AwsServices(time, loggers, new NobodyToAsk());
                var finders = new Finders(aws, time, loggers);
                await using var tunnels = finders.CreateTunnels();
                var question = new JumpHostQuestion(finders.Targets, finders.JumpHosts, finders.Memory, Terminal.Standard);
                await RunAsync(
                        program,
                        tunnels,
                        finders.CreateReach(tunnels),
                        question,
                        request with
                        {
                            OpenNow = true,
                        },
                        new(options.Kind, user, database),
                        file,
                        lifetime,
                        ending
                    )
                    .ConfigureAwait(false);
            })
            .ConfigureAwait(false);
        // A session that could not be closed in time is in the log; what the program said counts more.
        return _exitCode ?? ended;
    }

    private async Task RunAsync(
        string program,
        TunnelManager tunnels,
        DatabaseReach reach,
        JumpHostQuestion question,
        TunnelRequest request,
        WantedDatabase wanted,
        string? file,
        ProcessLifetime lifetime,
        CancellationToken ending
    )
    {
        // Until the program runs, a signal ends this process as it would have ended the program.
        lifetime.HandOn = signal =>
        {
            lifetime.End($"Received {signal}", 128 + ChildProgram.NumberOf(signal) ?? ExitCode.Failed);
            return true;
        };
        try
        {
            var tunnel = await OpenCommand.OpenAsync(tunnels, question, request, ending).ConfigureAwait(false);
            var database = await reach.WaitAsync(tunnel, wanted, options.Patience, ending).ConfigureAwait(false);
            _error.Say($"rds-tunnel: {tunnel.Name} is ready on 127.0.0.1:{tunnel.LocalPort}{(file is null ? "" : $" (from {file})")}");
            using var running = ChildProgram.Start(
                program,
                options.Program.Skip(1),
                [
                    .. DatabaseVariables.Of(database),
                    .. options
                        .Templates.Select(each => DatabaseVariables.Fill(each, database))
                        .Select(each => KeyValuePair.Create(each.Name, (string?)each.Value)),
                ]
            );
            lifetime.HandOn = signal =>
            {
                running.Signal(signal);
                return true;
            };
            var telling = lifetime.ObserveAsync(TellAsync(tunnels, ending));
            _exitCode = await running.ExitAsync().ConfigureAwait(false);
            lifetime.End("The program has ended", _exitCode.Value);
            await telling.ConfigureAwait(false);
        }
        catch (TunnelException e)
        {
            lifetime.End("The database could not be reached", Fail($"{e.Message} ({e.Code})", ExitCode.Failed));
        }
        catch (ProgramException e)
        {
            lifetime.End("The program could not be run", Fail($"{options.Program[0]}: {e.Message}.", e.ExitCode));
        }
    }

    /// <summary>A line when the tunnel stops working, and one when it works again; the program goes
    /// on, and its connections wait or end.</summary>
    private async Task TellAsync(TunnelManager tunnels, CancellationToken ending)
    {
        var lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(OpenCommand.MaxWaitingLines) { FullMode = BoundedChannelFullMode.DropOldest }
        );
        TunnelErrorCode? told = null;
        void OnStateChanged(TunnelInfo info)
        {
            // A connection that comes in clears a fault before it is known whether the next one is the same.
            if (info.Fault is { } fault && fault.Code != told)
            {
                lines.Writer.TryWrite(ForeignText.Line($"rds-tunnel: {info.Name}: {fault.Message} ({fault.Code})"));
                told = fault.Code;
            }
            else if (info.State == TunnelState.Open && told is not null)
            {
                lines.Writer.TryWrite(ForeignText.Line($"rds-tunnel: {info.Name} works again"));
                told = null;
            }
        }

        tunnels.StateChanged += OnStateChanged;
        try
        {
            await OpenCommand.PrintAsync(lines.Reader, _error, ending).ConfigureAwait(false);
        }
        finally
        {
            tunnels.StateChanged -= OnStateChanged;
        }
    }

    private int Fail(string message, int exitCode)
    {
        _error.Say($"rds-tunnel: {message}");
        return exitCode;
    }
}
