using System.Net;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Host;

/// <summary>The HTTP servers of a headless process: for probes, and on the loopback alone for its end.</summary>
internal sealed class ServeListeners : IAsyncDisposable
{
    private readonly List<ServeListener> _all = [];

    /// <param name="quit">Begins the end.</param>
    /// <exception cref="ServeException">A port cannot be bound.</exception>
    public ServeListeners(
        ServeOptions options,
        ServeHealth health,
        ServeTelemetry telemetry,
        Action<string> quit,
        TimeProvider time,
        ILoggerFactory loggers
    )
    {
        var othersMay = LocalAccesses.In(Environment.GetEnvironmentVariable).OthersMayConnect;
        (IPEndPoint? Endpoint, IEnumerable<KeyValuePair<string, ServeRoute>> Routes)[] wanted =
        [
            (options.Http, [.. options.HealthCheck ? health.Routes : [], .. telemetry.Routes]),
            (options.Admin, [new("/quitquitquit", ServeRoute.Post(request => Quit(request, othersMay, quit)))]),
        ];
        foreach (
            var server in wanted
                .Where(each => each.Endpoint is not null)
                // On one port there is one server.
                .GroupBy(each => each.Endpoint!)
        )
        {
            _all.Add(
                ServeListener.Listen(
                    server.Key,
                    server.SelectMany(each => each.Routes).ToDictionary(),
                    time,
                    loggers.CreateLogger<ServeListener>()
                )
            );
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_all.Select(each => each.DisposeAsync().AsTask())).ConfigureAwait(false);

    private static ServeAnswer Quit(ServeRequest request, bool othersMay, Action<string> quit)
    {
        if (!request.IsOwn && !othersMay)
        {
            return new ServeAnswer(403, "Only the user of rds-tunnel may end it.\n");
        }

        quit("Received /quitquitquit");
        return new ServeAnswer(200, "ok\n");
    }
}
