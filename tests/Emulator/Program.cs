using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Console;

namespace RdsTunnel.Emulator;

/// <summary>The emulator as a program: ready line on standard output, log on standard error, until
/// standard input is closed or a signal comes.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args) =>
        await new CommandLine().Create(RunAsync).Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null }).ConfigureAwait(false);

    private static async Task<int> RunAsync(
        EmulatorOptions options,
        FileInfo? certificateAuthority,
        LogLevel logLevel,
        CancellationToken cancellationToken
    )
    {
        using var loggerFactory = LoggerFactory.Create(logging =>
            logging
                .SetMinimumLevel(logLevel)
                .AddFilter("Microsoft", LogLevel.Warning)
                .AddSimpleConsole(console => console.SingleLine = true)
                .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        );
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onCancelled = cancellationToken.Register(() => stop.TrySetResult());
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        var server = await EmulatorServer.StartAsync(options, new ShiftedTime(options.ClockAhead), loggerFactory).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            if (certificateAuthority is not null)
            {
                await File.WriteAllTextAsync(certificateAuthority.FullName, server.CertificateAuthorityPem, cancellationToken)
                    .ConfigureAwait(false);
            }

#pragma warning disable RS0030 // This program has no JSON-RPC on its standard output.
            await Console
                .Out.WriteLineAsync(
                    new JsonObject
                    {
                        ["endpoint"] = server.Endpoint.GetLeftPart(UriPartial.Authority),
                        ["proxy"] = server.Proxy?.GetLeftPart(UriPartial.Authority),
                        ["pid"] = Environment.ProcessId,
                    }.ToJsonString()
                )
                .ConfigureAwait(false);
            await Task.WhenAny(stop.Task, ReadToEndAsync(Console.OpenStandardInput())).ConfigureAwait(false);
#pragma warning restore RS0030
        }

        return 0;

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
    }

    // A blocking read of a terminal or a pipe: on a thread of its own, which ends with the process.
    private static Task ReadToEndAsync(Stream input) =>
        Task.Factory.StartNew(
            () =>
            {
                var buffer = new byte[256];
                while (input.Read(buffer) > 0) { }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
}
