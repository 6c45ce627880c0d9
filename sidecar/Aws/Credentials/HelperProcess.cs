using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Runs a program of the user's, without a shell, as the AWS CLI does.</summary>
internal static class HelperProcess
{
    private const int MaxOutputChars = 64 * 1024; // credentials have 2 KB

    /// <summary>Of what it says on standard error, the last lines are told to people. It is read to its end, however much it is.</summary>
    private const int KeptErrorChars = 4 * 1024;

    /// <summary>For the pipe to be read to its end, after the program's own: a program that it has left behind may hold it open.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    /// <param name="Errors">The end of what it said on standard error; <paramref name="IsCut"/> when there was more before.</param>
    public sealed record Result(int ExitCode, string Output, string Errors, bool IsCut);

    /// <summary>Cancelling kills it, and all that it has started.</summary>
    /// <exception cref="HelperException">It cannot be run, or prints without end.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static async Task<Result> RunAsync(string commandLine, TimeProvider time, CancellationToken cancellationToken)
    {
        using var process = Start(commandLine);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            process.StandardInput.Close();
            var errors = ReadTailAsync(process.StandardError, over.Token);
            string output;
            try
            {
                output = await ReadAsync(process.StandardOutput, cancellationToken).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
                await ((Task)errors).WaitAsync(DrainTime, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            finally
            {
                await over.CancelAsync().ConfigureAwait(false);
                await errors.ConfigureAwait(false);
            }

            var (tail, isCut) = await errors.ConfigureAwait(false);
            return new Result(process.ExitCode, output, tail, isCut);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static Process Start(string commandLine)
    {
        var words =
            (OperatingSystem.IsWindows() ? ShellWords.SplitForWindows(commandLine) : ShellWords.Split(commandLine))
            ?? throw new HelperException("has an unclosed quote");
        if (words.Count == 0)
        {
            throw new HelperException("is empty");
        }

        if (words.Exists(word => word.Contains('\0', StringComparison.Ordinal)))
        {
            throw new HelperException("contains a character that can't be passed to a program");
        }

        var start = new ProcessStartInfo(Find(words[0]), words.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            UseShellExecute = false,
        };
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw e.NativeErrorCode switch
            {
                2 => NotFound(),
                5 or 13 => new HelperException("names a program that you aren't allowed to run"),
                _ => new HelperException($"names something that can't be run on this system (error {e.NativeErrorCode})"),
            };
        }
    }

    // In PATH alone. .NET would look beside this program, and in the present folder, first. Windows has rules of its own.
    private static string Find(string program)
    {
        if (OperatingSystem.IsWindows() || program.Contains('/', StringComparison.Ordinal))
        {
            return Path.IsPathRooted(program) || OperatingSystem.IsWindows() ? program : Path.GetFullPath(program);
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? throw NotFound();
    }

    private static HelperException NotFound() =>
        new("names a program that doesn't exist. It runs without a shell, so ~, variables and pipes don't work");

    private static async Task<string> ReadAsync(StreamReader output, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxOutputChars];
        var length = await output.ReadBlockAsync(buffer, cancellationToken).ConfigureAwait(false);
        return length < buffer.Length
            ? new string(buffer, 0, length)
            : throw new HelperException($"printed more than {MaxOutputChars} characters");
    }

    private static async Task<(string Tail, bool IsCut)> ReadTailAsync(StreamReader errors, CancellationToken cancellationToken)
    {
        var tail = new StringBuilder(2 * KeptErrorChars);
        var buffer = new char[KeptErrorChars];
        var isCut = false;
        try
        {
            while (await errors.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var length and > 0)
            {
                tail.Append(buffer, 0, length);
                if (tail.Length > KeptErrorChars)
                {
                    tail.Remove(0, tail.Length - KeptErrorChars);
                    isCut = true;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // What has come until then is all that there is to tell.
        }

        return (tail.ToString(), isCut);
    }
}

/// <summary>The message goes on from "The credential_process of the profile …".</summary>
internal sealed class HelperException(string message) : Exception(message);
