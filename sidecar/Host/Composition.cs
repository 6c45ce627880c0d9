using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>Which class stands behind which interface.</summary>
internal static class Composition
{
    public static ILoggerFactory CreateLoggers(params ILoggerProvider[] providers) =>
        new LoggerFactory(providers, new LoggerFilterOptions { MinLevel = LogLevel.Trace }); // each provider has its switch

    public static SessionServices CreateSessionServices(TimeProvider time, ILoggerFactory loggers) => new(time, loggers);

    public static ITunnels CreateTunnels(ISessionServices services, TimeProvider time, ILoggerFactory loggers) =>
        new TunnelManager(services, time, loggers);
}
