using Microsoft.Extensions.Logging;

namespace RdsTunnel.Host;

internal static class Loggers
{
    public static ILoggerFactory Create(TimeProvider time, params IEnumerable<ILoggerProvider> providers)
    {
        var factory = new LoggerFactory([], new LoggerFilterOptions { MinLevel = LogLevel.Trace }); // each provider has its switch
        foreach (var provider in providers)
        {
            factory.AddProvider(new FoldingLoggerProvider(provider, time));
        }

        return factory;
    }
}
