using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RdsTunnel.Host;

/// <summary>A program that has this one's standard streams and terminal. Thread-safe.</summary>
internal sealed partial class ChildProgram : IDisposable
{
    /// <summary>What <c>cmd.exe</c> reads in its own way, quoted or not.</summary>
    private static readonly SearchValues<char> UnsafeInBatchFiles = SearchValues.Create("\"%!^&|<>\r\n");

    private const int PermissionDenied = 13; // EACCES
    private const int NoSuchFile = 2; // ENOENT: here, the interpreter that a script names

    private const int BrokenPipe = 13; // SIGPIPE, on Linux and macOS

    /// <summary>A signal handler that does nothing: of the C library, since a signal may come in
    /// the middle of managed code, which no managed handler may be called from.</summary>
    private const string Nothing = "abs";

    private readonly Process _process;

    private ChildProgram(Process process) => _process = process;

    /// <param name="variables">What is set in its environment beside what is there; null to take a variable out.</param>
    /// <exception cref="ProgramException">It cannot be run.</exception>
    public static ChildProgram Start(string path, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string?>> variables)
    {
        string[] all = [.. arguments];
        if (
            OperatingSystem.IsWindows()
            && Path.GetExtension(path).ToUpperInvariant() is ".BAT" or ".CMD"
            && all.Any(each => each.AsSpan().ContainsAny(UnsafeInBatchFiles))
        )
        {
            throw new ProgramException(
                ProgramPath.NotExecutable,
                "a batch file cannot safely be given arguments with one of \"%!^&|<> in them. Name the program that it starts"
            );
        }

        var start = new ProcessStartInfo(path, all) { UseShellExecute = false };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
            if (value is null)
            {
                start.Environment.Remove(name);
            }
        }

        // .NET ignores SIGPIPE, and a program inherits what is ignored: `yes | head` would end with
        // an error. It does not inherit a handler.
        // (The default, even for this moment, would end this process at a write to a connection that its peer has closed.)
        var ignored = OperatingSystem.IsWindows()
            ? 0
            : SetHandler(BrokenPipe, NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), Nothing));
        try
        {
            return new ChildProgram(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new ProgramException(
                e.NativeErrorCode == NoSuchFile ? ProgramPath.NotFound : ProgramPath.NotExecutable,
                e.NativeErrorCode switch
                {
                    NoSuchFile => "the interpreter that it names was not found",
                    PermissionDenied => "permission denied",
                    _ => $"the system does not run it (error {e.NativeErrorCode}). Scripts need a first line such as #!/bin/sh",
                }
            );
        }
        finally
        {
            if (!OperatingSystem.IsWindows())
            {
                SetHandler(BrokenPipe, ignored);
            }
        }
    }

    /// <returns>Its exit code; 128 and the signal's number when a signal has ended it.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>Hands on a signal, unless the terminal has already given it to both.</summary>
    public void Signal(PosixSignal signal)
    {
        if (
            NumberOf(signal) is { } number
            && !OperatingSystem.IsWindows()
            && !(signal is PosixSignal.SIGINT or PosixSignal.SIGQUIT && IsInForeground())
            && !_process.HasExited
        )
        {
            _ = Kill(_process.Id, number); // one that has just ended needs none
        }
    }

    /// <summary>The same on Linux and macOS.</summary>
    public static int? NumberOf(PosixSignal signal) =>
        signal switch
        {
            PosixSignal.SIGHUP => 1,
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGQUIT => 3,
            PosixSignal.SIGTERM => 15,
            _ => null,
        };

    public void Dispose() => _process.Dispose();

    // Ctrl-C and Ctrl-\ go to every process of the group that is in the foreground of the terminal; the program is in ours.
    private static bool IsInForeground() => Enumerable.Range(0, 3).Any(descriptor => GetForegroundGroup(descriptor) == GetGroup());

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    private static partial int GetForegroundGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    private static partial int GetGroup();
}

/// <summary>A program cannot be run.</summary>
internal sealed class ProgramException(int exitCode, string message) : Exception(message)
{
    /// <summary>What a shell would end with.</summary>
    public int ExitCode { get; } = exitCode;
}
