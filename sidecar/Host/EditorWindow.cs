using System.Collections;
using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;
using RdsTunnel.Sharing;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>The window whose sidecar this is. When it is gone the process ends, but not before
/// other windows have its tunnels, or need them no more.</summary>
internal sealed partial class EditorWindow : IDisposable
{
    private readonly ProcessLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _gone;
    private volatile string _reason = "The client disconnected";
    private volatile SharedTunnels? _shared;

    public EditorWindow(StdioTransport transport, ProcessLifetime lifetime, TimeProvider time, ILoggerFactory loggers)
    {
        (Transport, _lifetime, _time, _loggers) = (transport, lifetime, time, loggers);
        _logger = loggers.CreateLogger<EditorWindow>();
        _gone = CancellationTokenSource.CreateLinkedTokenSource(lifetime.Ending);
        Connection = new(transport, time, loggers.CreateLogger<JsonRpcConnection>());
    }

    public StdioTransport Transport { get; }

    public JsonRpcConnection Connection { get; }

    /// <summary>Who can ask a person: this window, or when it is gone, one that uses a tunnel of this process.</summary>
    public JsonRpcConnection Someone => _gone.IsCancellationRequested ? _shared?.Peer ?? Connection : Connection;

    /// <summary>The window's tunnels: <paramref name="own"/>, and those of other windows' sidecars.</summary>
    public SharedTunnels Share(ITunnels own) =>
        _shared = new(
            own,
            FindMeetingPlace(),
            new(Program.Version, SharingIdentity.Digest(EnvironmentVariables())),
            (parameters, cancellationToken) => Connection.CallAsync(ClientMethods.AskMfaCode, parameters, cancellationToken),
            _time,
            _loggers
        );

    public void WatchParent(int processId) => _lifetime.WatchParent(processId, () => End("The parent process has exited"));

    /// <summary>Serves the window until it is gone, and then those who share its tunnels.</summary>
    public async Task ServeAsync(SidecarServer server, SharedTunnels shared)
    {
        var exitCode = await ServeAsync(server).ConfigureAwait(false);
        if (shared.UsedByOthers > 0 && !_lifetime.Ending.IsCancellationRequested)
        {
            LogGoesOn(_reason, shared.UsedByOthers);
            await shared.DisposeAsync().ConfigureAwait(false);
            await shared.HandOverAsync(_lifetime.Ending).ConfigureAwait(false);
        }

        _lifetime.End(_reason, exitCode);
    }

    public void Dispose() => _gone.Dispose();

    private async Task<int> ServeAsync(SidecarServer server)
    {
        var serving = Connection.RunAsync(server, _gone.Token);
        if (await Task.WhenAny(serving, Transport.OutputLost).ConfigureAwait(false) != serving)
        {
            End("The client stopped reading");
        }

        try
        {
            var end = await serving.ConfigureAwait(false);
            End($"The client disconnected ({end})");
            return end == ConnectionEnd.BrokenFraming ? ExitCode.Failed : ExitCode.Ended;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            return ExitCode.Ended;
        }
    }

    private void End(string reason)
    {
        if (!_gone.IsCancellationRequested)
        {
            _reason = reason;
            _gone.Cancel();
        }
    }

    private MeetingPlace? FindMeetingPlace()
    {
        if (
            Environment.GetEnvironmentVariable("RDS_TUNNEL_SHARE") == "false"
            || StateFolder.Meeting(Environment.GetEnvironmentVariable) is not { } root
        )
        {
            return null;
        }

        try
        {
            return MeetingPlace.In(root);
        }
        catch (IOException e)
        {
            LogNotSharing(SafeText.Describe(e));
            return null;
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> EnvironmentVariables() =>
        Environment
            .GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(each => KeyValuePair.Create((string)each.Key, (string?)each.Value ?? ""));

    [LoggerMessage(705, LogLevel.Information, "{Reason}: going on for other windows, which use {Tunnels} tunnels of this process")]
    private partial void LogGoesOn(string reason, int tunnels);

    [LoggerMessage(706, LogLevel.Warning, "Windows cannot share tunnels: {Reason}")]
    private partial void LogNotSharing(string reason);
}
