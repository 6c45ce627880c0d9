using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Agents;

/// <summary>A command in the place of the emulated agent. It is told everything by its environment: <c>RDS_TUNNEL_EMULATOR_SESSION_ID</c>,
/// <c>_ENDPOINT</c> (SSM and gateway, http), <c>_INSTANCE_ID</c>, <c>_DOCUMENT</c>, <c>_PROPERTIES</c> (JSON, as in the handshake),
/// <c>_HOST</c> and <c>_PORT</c> (where to dial, after name resolution), <c>_AGENT_VERSION</c>; and <c>AWS_ACCESS_KEY_ID</c>,
/// <c>AWS_SECRET_ACCESS_KEY</c>, <c>AWS_SESSION_TOKEN</c>, <c>AWS_REGION</c> to sign CreateDataChannel with.</summary>
internal sealed partial class AgentProcess(
    EmulatedSession session,
    string command,
    Uri endpoint,
    EmulatedCredential credential,
    AgentOptions options,
    ILogger logger
) : ISessionAgent
{
    private const string Prefix = "RDS_TUNNEL_EMULATOR_";

    /// <summary>After channel_closed a real agent ends by itself; this is its time for it.</summary>
    private static readonly TimeSpan ExitTime = TimeSpan.FromSeconds(3);

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = CreateStartInfo() };
        process.Start();
        LogStarted(session.Id, process.Id);
        process.StandardInput.Close();
        var output = ForwardOutputAsync(process.StandardOutput);
        var errors = ForwardOutputAsync(process.StandardError);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, session.AgentKilled);
        try
        {
            await process.WaitForExitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited && !session.AgentKilled.IsCancellationRequested)
            {
                using var exitTime = new CancellationTokenSource(ExitTime, session.TimeProvider);
                await process.WaitForExitAsync(exitTime.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            await Task.WhenAll(output, errors).ConfigureAwait(false);
        }

        LogExited(session.Id, process.ExitCode);
        if (session.AgentKilled.IsCancellationRequested)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, session.TimeProvider, cancellationToken).ConfigureAwait(false);
        }

        return process.ExitCode == 0 ? "" : $"The agent exited with {process.ExitCode.ToString(CultureInfo.InvariantCulture)}.";
    }

    private ProcessStartInfo CreateStartInfo()
    {
        var (host, port) = options.Resolve(session.Properties.Host ?? "localhost", session.Properties.PortNumber);
        var info = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", ["/d", "/c", command])
            : new ProcessStartInfo("/bin/sh", ["-c", command]);
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        info.Environment[Prefix + "SESSION_ID"] = session.Id;
        info.Environment[Prefix + "ENDPOINT"] = endpoint.GetLeftPart(UriPartial.Authority);
        info.Environment[Prefix + "INSTANCE_ID"] = session.Instance.InstanceId;
        info.Environment[Prefix + "DOCUMENT"] = session.DocumentName;
        info.Environment[Prefix + "PROPERTIES"] = JsonSerializer.Serialize(session.Properties.ToJson());
        info.Environment[Prefix + "HOST"] = host;
        info.Environment[Prefix + "PORT"] = port.ToString(CultureInfo.InvariantCulture);
        info.Environment[Prefix + "AGENT_VERSION"] = session.Instance.AgentVersion;
        info.Environment["AWS_ACCESS_KEY_ID"] = credential.AccessKeyId;
        info.Environment["AWS_SECRET_ACCESS_KEY"] = credential.SecretAccessKey;
        info.Environment["AWS_SESSION_TOKEN"] = credential.SessionToken;
        info.Environment["AWS_REGION"] = session.Region;
        return info;
    }

    private async Task ForwardOutputAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            LogOutput(session.Id, line);
        }
    }

    [LoggerMessage(40, LogLevel.Information, "{SessionId}: agent command started as process {ProcessId}")]
    private partial void LogStarted(string sessionId, int processId);

    [LoggerMessage(41, LogLevel.Information, "{SessionId}: agent command exited with {ExitCode}")]
    private partial void LogExited(string sessionId, int exitCode);

    [LoggerMessage(42, LogLevel.Debug, "{SessionId}: agent: {Line}")]
    private partial void LogOutput(string sessionId, string line);
}
