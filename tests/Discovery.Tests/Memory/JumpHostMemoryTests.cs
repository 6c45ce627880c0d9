using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery.Memory;

namespace RdsTunnel.Discovery.Tests.Memory;

public sealed class JumpHostMemoryTests : IDisposable
{
    private static readonly AwsScope Work = new("work", "eu-west-1");

    private readonly string _folder = Directory.CreateTempSubdirectory("rds-tunnel-memory-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Warnings _warnings = new();

    private string FilePath => Path.Combine(_folder, "state", "jump-hosts.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Recall_ChosenInAnotherProcess_IsKnownHere_InAnySpelling()
    {
        Memory().Choose(Work, "Orders-DB.corp.example.", 5432, "i-0a");

        Assert.Equal(new RememberedJumpHost("i-0a", IsChosen: true), Memory().Recall(Work, "orders-db.corp.example", 5432).Remembered);
        Assert.Null(Memory().Recall(Work, "orders-db.corp.example", 5433).Remembered);
        Assert.Null(Memory().Recall(Work with { Profile = "other" }, "orders-db.corp.example", 5432).Remembered);
        Assert.Null(Memory().Recall(Work with { Region = "us-east-1" }, "orders-db.corp.example", 5432).Remembered);
    }

    [Fact]
    public void Choose_Again_TheLatestAnswerCountsInEachProcess()
    {
        var (one, other) = (Memory(), Memory());
        one.Choose(Work, "db", 5432, "i-0a");
        _time.Advance(TimeSpan.FromSeconds(1));
        other.Choose(Work, "db", 5432, "i-0b");
        Assert.Equal("i-0b", one.Recall(Work, "db", 5432).Chosen);
        _time.Advance(TimeSpan.FromSeconds(1));
        one.Choose(Work, "db", 5432, null);
        Assert.Null(one.Recall(Work, "db", 5432).Remembered);
        Assert.Null(Memory().Recall(Work, "db", 5432).Remembered);
    }

    [Fact]
    public void Choose_TellsWhoWaits_AndForgetsFailures()
    {
        var memory = Memory();
        memory.OnFailed(Work, "db", 5432, "i-0a", hadSession: false);
        var told = 0;
        memory.Chosen += () => told++;
        memory.Choose(Work, "db", 5432, "i-0a");
        Assert.Equal(1, told);
        Assert.Empty(memory.Recall(Work, "db", 5432).FailedLately);
    }

    [Fact]
    public void OnReached_NothingElseFailed_IsNotWrittenDown()
    {
        Memory().OnReached(Work, "db", 5432, "i-0a");
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void OnReached_AfterAnotherFailed_IsRemembered_ButReplacesNoChoice()
    {
        var memory = Memory();
        memory.OnFailed(Work, "db", 5432, "i-0a", hadSession: true);
        memory.OnReached(Work, "db", 5432, "i-0b");
        Assert.Equal(new RememberedJumpHost("i-0b", IsChosen: false), Memory().Recall(Work, "db", 5432).Remembered);

        memory.Choose(Work, "db", 5432, "i-0c");
        memory.OnFailed(Work, "db", 5432, "i-0c", hadSession: false);
        memory.OnReached(Work, "db", 5432, "i-0b");
        Assert.Equal("i-0c", memory.Recall(Work, "db", 5432).Chosen);
    }

    [Fact]
    public void OnFailed_IsKeptForAWhile_AndNeverWritten()
    {
        var memory = Memory();
        memory.OnFailed(Work, "db", 5432, "i-0a", hadSession: true);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["i-0a", "i-0b"], memory.OnFailed(Work, "db", 5432, "i-0b", hadSession: true).Select(failed => failed.Target));
        _time.Advance(JumpHostMemory.AvoidedFor - TimeSpan.FromMinutes(1));
        Assert.Equal(["i-0b"], memory.Recall(Work, "db", 5432).FailedLately.Select(failed => failed.Target));
        Assert.Empty(Memory().Recall(Work, "db", 5432).FailedLately);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void Write_IsForItsOwnerAlone_AndLeavesNoOtherFile()
    {
        Memory().Choose(Work, "db", 5432, "i-0a");
        Assert.Equal([FilePath], Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        }
    }

    [Fact]
    public void Write_MoreThanFit_TheOldestGo()
    {
        var memory = Memory();
        for (var i = 0; i < JumpHostFile.MaxEntries + 5; i++)
        {
            memory.Choose(Work, $"db-{i}", 5432, "i-0a");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(Memory().Recall(Work, "db-0", 5432).Remembered);
        Assert.Null(Memory().Recall(Work, "db-4", 5432).Remembered);
        Assert.NotNull(Memory().Recall(Work, "db-5", 5432).Remembered);
    }

    public static TheoryData<string> Broken =>
        new()
        {
            "",
            "{",
            "[]",
            "null",
            "42",
            "\"i-0a\"",
            "{\"jumpHosts\":null}",
            "{\"jumpHosts\":[null]}",
            "{\"jumpHosts\":{}}",
            "{\"jumpHosts\":[[]]}",
            Line("\"port\":\"5432\""),
            Line("\"port\":0"),
            Line("\"port\":99999999999"),
            Line("\"host\":null"),
            Line("\"host\":\"\""),
            Line("\"target\":null"),
            Line("\"target\":5"),
            Line("\"target\":\"\""),
            Line("\"target\":\"--region\""),
            Line("\"target\":\"i-0a\\n\""),
            Line("\"target\":\"i-0a b\""),
            Line("\"target\":\"i-\\u0000\""),
            Line($"\"target\":\"i-{new string('a', 500)}\""),
            Line($"\"host\":\"{new string('a', 500)}\""),
            Line("\"at\":\"yesterday\""),
            new string('[', 100_000),
            new string('x', 300_000),
            "\u0000\u0001\u0002",
        };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Recall_FileIsBroken_IsAsIfThereWereNone_AndTheNextAnswerMendsIt(string content)
    {
        WriteFile(content);

        var memory = Memory();
        Assert.Null(memory.Recall(Work, "db", 5432).Remembered);
        Assert.Null(memory.Recall(Work, "db", 5432).Remembered);
        Assert.InRange(_warnings.Messages.Count, 0, 1);
        Assert.DoesNotContain(_warnings.Messages, message => message.Contains("i-0a", StringComparison.Ordinal));

        memory.Choose(Work, "db", 5432, "i-0b");
        Assert.Equal("i-0b", Memory().Recall(Work, "db", 5432).Chosen);
    }

    [Fact]
    public void Recall_OthersCanWriteTheFile_IsNotBelieved()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Memory().Choose(Work, "db", 5432, "i-0a");
        File.SetUnixFileMode(FilePath, File.GetUnixFileMode(FilePath) | UnixFileMode.OtherWrite);
        Assert.Null(Memory().Recall(Work, "db", 5432).Remembered);
        Assert.Contains("others can write it", Assert.Single(_warnings.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void Recall_DatedInTheFuture_GivesWayToTheNextAnswer()
    {
        WriteFile(Line("\"at\":\"2099-01-01T00:00:00Z\""));

        var memory = Memory();
        Assert.Equal("i-0a", memory.Recall(Work, "db", 5432).Chosen);
        memory.Choose(Work, "db", 5432, "i-0b");
        Assert.Equal("i-0b", memory.Recall(Work, "db", 5432).Chosen);
    }

    [Fact]
    public void Choose_FileCannotBeWritten_IsKnownInThisProcess_AndSaidOnce()
    {
        File.WriteAllText(Path.Combine(_folder, "state"), "a file where the folder has to be");
        var memory = Memory();
        memory.Choose(Work, "db", 5432, "i-0a");
        memory.Choose(Work, "db2", 5432, "i-0a");
        Assert.Equal("i-0a", memory.Recall(Work, "db", 5432).Chosen);
        Assert.Contains("in memory only", Assert.Single(_warnings.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_WithoutAPlace_WorksInThisProcess()
    {
        var memory = new JumpHostMemory(new NoInventories(), null, _time, _warnings);
        memory.Choose(Work, "db", 5432, "i-0a");
        Assert.Equal("i-0a", memory.Recall(Work, "db", 5432).Chosen);
        Assert.Empty(_warnings.Messages);
    }

    private static string Line(string field)
    {
        var fields = new Dictionary<string, string>
        {
            ["profile"] = "\"work\"",
            ["region"] = "\"eu-west-1\"",
            ["host"] = "\"db\"",
            ["port"] = "5432",
            ["target"] = "\"i-0a\"",
            ["isChosen"] = "true",
            ["at"] = "\"2025-01-01T00:00:00Z\"",
        };
        var parts = field.Split(':', 2);
        fields[parts[0].Trim('"')] = parts[1];
        return $"{{\"jumpHosts\":[{{{string.Join(",", fields.Select(each => $"\"{each.Key}\":{each.Value}"))}}}]}}";
    }

    private void WriteFile(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private JumpHostMemory Memory() => new(new NoInventories(), FilePath, _time, _warnings);

    private sealed class NoInventories : IInventories
    {
        public TimeSpan ClockOffset => TimeSpan.Zero;

        public IInventory InventoryOf(AwsScope scope) => throw new AwsException(AwsErrorCode.RegionMissing, "No region.");
    }

    private sealed class Warnings : ILogger<JumpHostMemory>
    {
        public List<string> Messages { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Messages.Add(formatter(state, exception));
    }
}
