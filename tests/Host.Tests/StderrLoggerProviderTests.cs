using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Rpc;

namespace RdsTunnel.Host.Tests;

public sealed class StderrLoggerProviderTests
{
    [Fact]
    public async Task Log_AtOrAboveTheLevel_BecomesALine()
    {
        using var output = new MemoryStream();
        var level = new LogLevelSwitch(LogLevel.Warning);
        await using (var provider = new StderrLoggerProvider(output, level, new FakeTimeProvider()))
        {
            var logger = provider.CreateLogger("A.B.Category");
            Log(logger, LogLevel.Information, "too quiet");
            Log(logger, LogLevel.Warning, "one");
            level.Level = LogLevel.Debug;
            Log(logger, LogLevel.Debug, "two");
        }

        Assert.Equal(
            "2000-01-01T00:00:00.000Z Warning Category[7] one\n2000-01-01T00:00:00.000Z Debug Category[7] two\n",
            Encoding.UTF8.GetString(output.ToArray())
        );
    }

    [Fact]
    public async Task Log_OutputNotRead_NeverBlocksAndTellsWhatWasDropped()
    {
        const int Lines = 5000;
        var output = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        await using var provider = new StderrLoggerProvider(output.Writer.AsStream(), new(LogLevel.Information), TimeProvider.System);
        var logger = provider.CreateLogger("Category");
        for (var i = 0; i < Lines; i++)
        {
            Log(logger, LogLevel.Information, $"line {i}.");
        }

        using var reader = new StreamReader(output.Reader.AsStream());
        var (read, dropped) = (0, 0);
        while (await reader.ReadLineAsync().WaitAsync(SidecarProcess.Patience) is { } line)
        {
            if (line.StartsWith('('))
            {
                dropped += int.Parse(
                    line[1..line.IndexOf(' ', StringComparison.Ordinal)],
                    System.Globalization.CultureInfo.InvariantCulture
                );
                continue;
            }

            read++;
            if (line.EndsWith($"line {Lines - 1}.", StringComparison.Ordinal))
            {
                break;
            }
        }

        Assert.Equal(Lines, read + dropped);
        Assert.InRange(read, 1, 1010);
    }

    private static void Log(ILogger logger, LogLevel level, string message) =>
        logger.Log(level, new EventId(7), message, null, (text, _) => text);
}
