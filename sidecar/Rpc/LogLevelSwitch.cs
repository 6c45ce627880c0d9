using Microsoft.Extensions.Logging;

namespace RdsTunnel.Rpc;

/// <summary>The least severe level that is logged; it can change at any time. Thread-safe.</summary>
public sealed class LogLevelSwitch(LogLevel level)
{
    private volatile LogLevel _level = level;

    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    public bool Allows(LogLevel level) => level >= _level && level != LogLevel.None;
}
