using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>Which class stands behind which interface.</summary>
internal static class Composition
{
    public static ILoggerFactory CreateLoggers(params ILoggerProvider[] providers) =>
        new LoggerFactory(providers, new LoggerFilterOptions { MinLevel = LogLevel.Trace }); // each provider has its switch

    public static ITunnels CreateTunnels(TimeProvider time, ILoggerFactory loggers) => new NoTunnels();
}
