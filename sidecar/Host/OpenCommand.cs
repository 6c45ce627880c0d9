using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel open …</c>: one tunnel, for people without the editor, until Ctrl-C.</summary>
internal static class OpenCommand
{
    /// <summary>A screenful: older states are of no interest.</summary>
    public const int MaxWaitingLines = 24;

    public static async Task<int> RunAsync(OpenTunnelParams options, LocalPasswordSource localPassword, LogLevel level, TimeProvider time)
    {
        var (output, error) = (StandardStreams.Output, StandardStreams.Error);
        if (
            !localPassword.TryAddTo(ref options, Environment.GetEnvironmentVariable, Terminal.Standard)
            || !TryRead(options, error, out var request)
        )
        {
            return ExitCode.Usage;
        }

        await using var stderr = new StderrLoggerProvider(StandardStreams.OpenError(), new LogLevelSwitch(level), time);
        using var loggers = Loggers.Create(time, stderr);
        using var lifetime = new ProcessLifetime(time, loggers.CreateLogger<ProcessLifetime>());
        return await lifetime
            .RunAsync(async ending =>
            {
                using var aws = new AwsServices(time, loggers, new NobodyToAsk());
                var finders = new Finders(aws, time, loggers);
                await using var tunnels = finders.CreateTunnels();
                var question = new JumpHostQuestion(finders.Targets, finders.JumpHosts, finders.Memory, Terminal.Standard);
                await RunAsync(tunnels, question, request, lifetime, output, error, time, ending).ConfigureAwait(false);
            })
            .ConfigureAwait(false);
    }

    /// <summary>Opens the tunnel, tells of its states, asks what it needs to know, and waits to be ended.</summary>
    public static async Task RunAsync(
        ITunnels tunnels,
        JumpHostQuestion question,
        TunnelRequest request,
        ProcessLifetime lifetime,
        TextWriter output,
        TextWriter error,
        TimeProvider time,
        CancellationToken ending
    )
    {
        // A terminal that is paused (Ctrl-S) must not pause the tunnel.
        var lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(MaxWaitingLines) { FullMode = BoundedChannelFullMode.DropOldest }
        );
        using var needsJumpHost = new SemaphoreSlim(0);
        tunnels.StateChanged += info =>
        {
            lines.Writer.TryWrite(Describe(info, time));
            if (info.State == TunnelState.NeedsJumpHost)
            {
                needsJumpHost.Release();
            }
        };
        var printing = lifetime.ObserveAsync(PrintAsync(lines.Reader, output, ending));
        try
        {
            var tunnel = await OpenAsync(tunnels, question, request, ending).ConfigureAwait(false);
            lines.Writer.TryWrite(
                $"Listening on 127.0.0.1:{tunnel.LocalPort} → {request.Host ?? request.Target}:{request.Port}"
                    + (request.Host is null ? "" : $" via {request.Target ?? "an automatically selected jump host"}")
                    + ". Press Ctrl-C to stop."
            );
            if (tunnel.CertificatePath is { } certificate)
            {
                lines.Writer.TryWrite($"The local port's certificate is in {certificate}, for tools that verify it.");
            }
        }
        catch (TunnelException e)
        {
            error.Say($"rds-tunnel: {e.Message} ({e.Code})");
            lifetime.End("The tunnel could not be opened", ExitCode.NotOpened);
            return;
        }

        await Task.WhenAll(printing, lifetime.ObserveAsync(AskAsync(needsJumpHost, question, request, lifetime, error, ending)))
            .ConfigureAwait(false);
    }

    public static async Task<TunnelInfo> OpenAsync(
        ITunnels tunnels,
        JumpHostQuestion question,
        TunnelRequest request,
        CancellationToken ending
    )
    {
        while (true)
        {
            try
            {
                return await tunnels.OpenAsync(request, ending).ConfigureAwait(false);
            }
            catch (TunnelException e) when (e.Code == TunnelErrorCode.JumpHostChoiceNeeded)
            {
                if (!await question.AskAsync(request, ending).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    // At once, while a person is still looking; and again whenever a connection waits for the answer.
    private static async Task AskAsync(
        SemaphoreSlim needed,
        JumpHostQuestion question,
        TunnelRequest request,
        ProcessLifetime lifetime,
        TextWriter error,
        CancellationToken ending
    )
    {
        try
        {
            while (true)
            {
                await question.AnswerIfNeededAsync(request, ending).ConfigureAwait(false);
                await needed.WaitAsync(ending).ConfigureAwait(false);
            }
        }
        catch (TunnelException e)
        {
            error.Say($"rds-tunnel: {e.Message} ({e.Code})");
            lifetime.End("No jump host was chosen", ExitCode.NotOpened);
        }
    }

    public static async Task PrintAsync(ChannelReader<string> lines, TextWriter output, CancellationToken ending)
    {
        await foreach (var line in lines.ReadAllAsync(ending).ConfigureAwait(false))
        {
            await output.TryWriteLineAsync(line).ConfigureAwait(false);
        }
    }

    /// <summary>Says what is wrong with an option, in the command line's words.</summary>
    public static bool TryRead(OpenTunnelParams options, TextWriter error, out TunnelRequest request)
    {
        if (options.Read(out request) is { } wrong)
        {
            error.Say($"rds-tunnel: {CommandLine.OptionFor(wrong.Field)} {wrong.Problem}.");
            return false;
        }

        return true;
    }

    private static string Describe(TunnelInfo info, TimeProvider time) =>
        ForeignText.Line(
            $"{time.GetLocalNow():HH:mm:ss} {info.State}"
                + (
                    info.Fault is { } fault ? $": {fault.Message} ({fault.Code})"
                    : info.Progress is { } progress ? $": {progress}"
                    : ""
                )
        );
}
