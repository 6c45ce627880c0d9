using System.Diagnostics;
using System.Text;
using RdsTunnel.Aws.Files;
using Xunit;

namespace RdsTunnel.Aws.Tests.Files;

/// <summary>Whatever is in a file's place, reading it ends.</summary>
public sealed class BoundedFileTests : IDisposable
{
    private const int MaxBytes = 1000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rds-tunnel-files-");

    private string FilePath => Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_AFile_GivesItsBytes()
    {
        File.WriteAllText(FilePath, "text");
        Assert.Equal("text", Text(BoundedFile.Read(FilePath, MaxBytes)));
        File.WriteAllText(FilePath, "another");
        Assert.Equal("another", Text(BoundedFile.Read(FilePath, MaxBytes)));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("missing/too")]
    public void Read_NoFile_IsNull(string name) => Assert.Null(BoundedFile.Read(Path.Combine(_folder.FullName, name), MaxBytes));

    [Theory]
    [InlineData("", "isn't a file path")]
    [InlineData("a\0b", "isn't a file path")]
    public void Read_NoPath_SaysSo(string path, string words) => Assert.Contains(words, Failure(path), StringComparison.Ordinal);

    [Fact]
    public void Read_AFolder_SaysSo() => Assert.Equal("it is a folder", Failure(_folder.FullName));

    [Fact]
    public void Read_MoreBytesThanAllowed_SaysSo()
    {
        File.WriteAllBytes(FilePath, new byte[MaxBytes]);
        Assert.Equal(MaxBytes, BoundedFile.Read(FilePath, MaxBytes)!.Length);
        File.WriteAllBytes(FilePath, new byte[MaxBytes + 1]);
        Assert.Equal("it is larger than 1000 bytes", Failure(FilePath));
    }

    [UnixFact]
    public void Read_DeviceWithoutAnEnd_SaysSo() => Assert.Equal("it is larger than 1000 bytes", Failure("/dev/zero"));

    [UnixFact]
    public void Read_NoDevice_IsEmpty() => Assert.Empty(BoundedFile.Read("/dev/null", MaxBytes)!);

    [UnixFact]
    public void Read_PipeThatNobodyWritesTo_EndsAndOthersFailAtOnce()
    {
        MakePipe();
        Assert.Contains("may be a pipe", Failure(FilePath), StringComparison.Ordinal);

        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 50; i++)
        {
            Assert.Contains("may be a pipe", Failure(FilePath), StringComparison.Ordinal);
        }

        Assert.True(Stopwatch.GetElapsedTime(started) < BoundedFile.ReadTime * 25);
    }

    [UnixFact]
    public async Task Read_PipeIsWrittenToLater_WorksAgain()
    {
        MakePipe();
        Assert.Contains("may be a pipe", Failure(FilePath), StringComparison.Ordinal);
        await File.WriteAllTextAsync(FilePath, "late");
        byte[]? bytes = null;
        while (bytes is null)
        {
            try
            {
                bytes = await BoundedFile.ReadAsync(FilePath, MaxBytes, CancellationToken.None);
            }
            catch (UnreadableFileException)
            {
                // The thread that hung is still on its way out.
            }
        }

        Assert.Equal("late", Text(bytes));
    }

    [UnixFact]
    public async Task Read_FailsAfterItsCallerGaveUp_LeavesNoFailureBehind()
    {
        const int FewBytes = 777; // in no other test
        var unobserved = 0;
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs failure) =>
            unobserved += failure.Exception.ToString().Contains($"larger than {FewBytes}", StringComparison.Ordinal) ? 1 : 0;

        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            MakePipe();
            Assert.Throws<UnreadableFileException>(() => BoundedFile.Read(FilePath, FewBytes));
            await File.WriteAllBytesAsync(FilePath, new byte[FewBytes + 1]);
            File.Delete(FilePath);
            while (!IsGone(FewBytes))
            {
                await Task.Yield(); // the thread that hung is still on its way out
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }

        Assert.Equal(0, unobserved);
    }

    [UnixFact]
    public async Task Read_PipeThatGaveItsTextOnce_GivesItAgain()
    {
        MakePipe();
        var writing = Task.Run(() => File.WriteAllText(FilePath, "once"));
        Assert.Equal("once", Text(await BoundedFile.ReadAsync(FilePath, MaxBytes, CancellationToken.None)));
        await writing;
        Assert.Equal("once", Text(await BoundedFile.ReadAsync(FilePath, MaxBytes, CancellationToken.None)));
    }

    [UnixFact]
    public async Task Read_PipeThatIsServed_GivesWhatIsWrittenEachTime()
    {
        MakePipe();
        for (var i = 0; i < 3; i++)
        {
            var text = $"text {i}";
            var writing = Task.Run(() => File.WriteAllText(FilePath, text));
            Assert.Equal(text, Text(await BoundedFile.ReadAsync(FilePath, MaxBytes, CancellationToken.None)));
            await writing;
        }
    }

    [Fact]
    public async Task Read_ManyAtOnce_EachGivesTheWholeFile()
    {
        await File.WriteAllTextAsync(FilePath, "text");
        var all = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => BoundedFile.ReadAsync(FilePath, MaxBytes, CancellationToken.None))
        );
        Assert.All(all, bytes => Assert.Equal("text", Text(bytes)));
    }

    private bool IsGone(int maxBytes)
    {
        try
        {
            return BoundedFile.Read(FilePath, maxBytes) is null;
        }
        catch (UnreadableFileException)
        {
            return false;
        }
    }

    private static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes!);

    private static string Failure(string path) => Assert.Throws<UnreadableFileException>(() => BoundedFile.Read(path, MaxBytes)).Message;

    private void MakePipe()
    {
        using var mkfifo = Process.Start("mkfifo", FilePath);
        mkfifo.WaitForExit();
        Assert.Equal(0, mkfifo.ExitCode);
    }
}
