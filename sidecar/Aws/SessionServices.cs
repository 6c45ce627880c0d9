using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Http;

namespace RdsTunnel.Aws;

/// <summary>The session services of this process, one for each identity, region and endpoint, made when first asked for. Thread-safe.
/// Disposing it cuts the calls in flight.</summary>
/// <remarks>Making one touches neither the AWS SDK nor the disk. Each <see cref="For"/> reads the configuration files as they are then.</remarks>
public sealed class SessionServices : ISessionServices, IDisposable
{
    // An attempt of StartSession takes a second or two; what takes longer than this is lost.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<AwsSettings, SessionService> _services = []; // guarded by _lock
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly SettingsResolver _resolver;
    private bool _isDisposed; // guarded by _lock

    public SessionServices(TimeProvider timeProvider, ILoggerFactory loggerFactory)
        : this(timeProvider, loggerFactory, Environment.GetEnvironmentVariable)
    {
    }

    /// <param name="environment">Gives an environment variable's value; null when it is not set.</param>
    public SessionServices(TimeProvider timeProvider, ILoggerFactory loggerFactory, Func<string, string?> environment)
    {
        _timeProvider = timeProvider;
        _logger = loggerFactory.CreateLogger("RdsTunnel.Aws");
        _resolver = new SettingsResolver(environment);
    }

    public ISessionService For(AwsScope scope) => ServiceFor(scope);

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            foreach (var service in _services.Values)
            {
                service.Dispose();
            }

            _services.Clear();
        }
    }

    internal SessionService ServiceFor(AwsScope scope)
    {
        var settings = _resolver.Resolve(scope);
        _ = _resolver.ReadKeys(settings.Profile); // throws when there are none, before anything is begun
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_services.TryGetValue(settings, out var service))
            {
                // What is on this machine is never behind a proxy.
                var isLocal = settings.EndpointUrl is { IsLoopback: true };
                var httpClients = new HttpClients(useProxy: !isLocal, AttemptTimeout, _timeProvider);
                service = new SessionService(settings, _resolver, httpClients, _timeProvider, _logger);
                _services.Add(settings, service);
            }

            return service;
        }
    }
}
