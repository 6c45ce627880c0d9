using Microsoft.Extensions.Logging;

namespace RdsTunnel.Host;

internal static class Loggers
{
    public static ILoggerFactory Create(params ILoggerProvider[] providers) =>
        new LoggerFactory(providers, new LoggerFilterOptions { MinLevel = LogLevel.Trace }); // each provider has its switch
}
