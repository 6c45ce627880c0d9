using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Diagnosis;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel check …</c>: a line for each step, as it is done.</summary>
internal static class CheckCommand
{
    public static async Task<int> RunAsync(OpenTunnelParams options, LogLevel level, TimeProvider time)
    {
        var (output, error) = (StandardStreams.Output, StandardStreams.Error);
        if (!OpenCommand.TryRead(options, error, out var request))
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
                var check = new TunnelCheck(aws, aws, new Finders(aws, time, loggers).JumpHosts, time, loggers);
                var failed = false;
                await foreach (var step in check.RunAsync(request, ending).ConfigureAwait(false))
                {
                    failed |= step.Outcome == CheckOutcome.Failed;
                    await output
                        .WriteLineAsync($"{step.Outcome, -8}{step.Name, -12}{ForeignText.Line(step.Message)}")
                        .ConfigureAwait(false);
                    if (step.Advice is { } advice)
                    {
                        await output.WriteLineAsync($"{"", -20}→ {ForeignText.Line(advice)}").ConfigureAwait(false);
                    }
                }

                lifetime.End("Check complete", failed ? ExitCode.Failed : ExitCode.Ended);
            })
            .ConfigureAwait(false);
    }
}
