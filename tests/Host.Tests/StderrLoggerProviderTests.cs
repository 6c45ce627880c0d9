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

    [Fact]
    public async Task Log_DiskFullForAWhile_GoesOnAfterwardsAndTellsWhatWasLost()
    {
        var time = new FakeTimeProvider();
        await using var output = new FullDisk();
        await using (var provider = new StderrLoggerProvider(output, new(LogLevel.Information), time))
        {
            var logger = provider.CreateLogger("Category");
            foreach (var text in new[] { "lost", "lost, too", "kept" })
            {
                output.IsFull = text != "kept";
                var (attempts, written) = (output.Attempts, output.Length);
                Log(logger, LogLevel.Information, text);
                await FullDisk.UntilAsync(() => output.Attempts > attempts);
                // The writer waits before it writes again.
                await FullDisk.UntilAsync(() =>
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                    return output.IsFull || output.Length > written;
                });
            }
        }

        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("(2 older lines dropped", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("kept", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nForged Information Category[1] line")]
    [InlineData("a\u001b[2Jb")]
    [InlineData("a\u2028b")]
    [InlineData("a\u202eb")]
    public async Task Log_NamesOfOthers_AreOneLineThatTheTerminalOnlyShows(string message)
    {
        using var output = new MemoryStream();
        await using (var provider = new StderrLoggerProvider(output, new(LogLevel.Information), new FakeTimeProvider()))
        {
            Log(provider.CreateLogger("Category"), LogLevel.Information, message);
        }

        var text = Encoding.UTF8.GetString(output.ToArray());
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain(text[..^1], c => char.IsControl(c) || c is '\u2028' or '\u202e');
    }

    /// <summary>Takes nothing as long as it is full.</summary>
    private sealed class FullDisk : MemoryStream
    {
        private int _attempts;

        public volatile bool IsFull;

        public int Attempts => Volatile.Read(ref _attempts);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _attempts);
            if (IsFull)
            {
                throw new IOException("No space left on device");
            }

            await base.WriteAsync(buffer, cancellationToken);
        }

        public static async Task UntilAsync(Func<bool> condition)
        {
            using var patience = new CancellationTokenSource(SidecarProcess.Patience);
            while (!condition())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
            }
        }
    }

    private static void Log(ILogger logger, LogLevel level, string message) =>
        logger.Log(level, new EventId(7), message, null, (text, _) => text);
}
