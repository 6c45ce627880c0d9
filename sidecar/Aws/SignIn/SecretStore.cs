using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Files;

namespace RdsTunnel.Aws.SignIn;

/// <summary>Sign-ins, in the files that other programs share. What cannot be written there is kept
/// in memory for this process, until its file is changed by somebody else or can be
/// written again. Thread-safe.</summary>
internal sealed partial class SecretStore(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Unshared> _unshared = new(StringComparer.Ordinal); // guarded by _gate
    private readonly HashSet<string> _told = new(StringComparer.Ordinal); // folders of which it was said; guarded by _gate

    public T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        if (UnsharedAt(path) is not { } unshared)
        {
            return OwnerOnlyFile.Read(path, type);
        }

        // Another program has signed in or out meanwhile: that counts.
        if (StateOf(path) != unshared.FileState)
        {
            Forget(path, unshared);
            return OwnerOnlyFile.Read(path, type);
        }

        if (TryWrite(unshared.Share) is null)
        {
            Forget(path, unshared);
            LogShared(path);
        }

        return (T?)unshared.Value;
    }

    /// <summary>Whether there is a file, and why it cannot be read when it cannot.</summary>
    public static (bool IsThere, string? Problem) Look(string path)
    {
        try
        {
            return (OwnerOnlyFile.ReadBytes(path) is not null, null);
        }
        catch (UnreadableFileException e)
        {
            return (true, $"{path} can't be read: {e.Message}.");
        }
    }

    public void Write<T>(string path, T value, JsonTypeInfo<T> type)
        where T : class => Keep(path, value, () => OwnerOnlyFile.Write(path, value, type));

    public void Delete(string path) => Keep(path, value: null, () => OwnerOnlyFile.Delete(path));

    /// <summary>False for what only this process has.</summary>
    public bool IsShared(string path) => UnsharedAt(path) is null;

    /// <summary>Whether what is written next reaches other programs; says so, once, when it does not.</summary>
    public bool CanShare(string path)
    {
        if (TryWrite(() => OwnerOnlyFile.RequireWritable(path)) is not { } problem)
        {
            return true;
        }

        Tell(path, problem);
        return false;
    }

    private void Keep(string path, object? value, Action write)
    {
        if (TryWrite(write) is not { } problem)
        {
            lock (_gate)
            {
                _unshared.Remove(path);
            }

            return;
        }

        var unshared = new Unshared(value, StateOf(path), write);
        lock (_gate)
        {
            _unshared[path] = unshared;
        }

        Tell(path, problem);
    }

    private static AwsException? TryWrite(Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (AwsException e)
        {
            return e;
        }
    }

    private void Tell(string path, AwsException problem)
    {
        bool isNew;
        lock (_gate)
        {
            isNew = _told.Add(FolderOf(path));
        }

        if (isNew)
        {
            LogUnshared(problem.Message);
        }
    }

    private Unshared? UnsharedAt(string path)
    {
        lock (_gate)
        {
            return _unshared.GetValueOrDefault(path);
        }
    }

    private void Forget(string path, Unshared unshared)
    {
        lock (_gate)
        {
            if (_unshared.GetValueOrDefault(path) == unshared)
            {
                _unshared.Remove(path);
                _told.Remove(FolderOf(path));
            }
        }
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(path) ?? "";

    // Equal as long as nobody has changed the file.
    private static string StateOf(string path)
    {
        try
        {
            return OwnerOnlyFile.ReadBytes(path) is { } bytes ? Convert.ToHexString(SHA256.HashData(bytes)) : "missing";
        }
        catch (UnreadableFileException)
        {
            return "unreadable";
        }
    }

    [LoggerMessage(
        EventId = 3040,
        Level = LogLevel.Warning,
        Message = "Sign-in is kept in memory and not shared with the AWS CLI: {Problem}"
    )]
    private partial void LogUnshared(string problem);

    [LoggerMessage(EventId = 3041, Level = LogLevel.Information, Message = "Sign-in is shared with the AWS CLI again, in {Path}")]
    private partial void LogShared(string path);

    /// <param name="Value">Null for a sign-in that was ended here.</param>
    /// <param name="FileState">Of the file that could not be replaced.</param>
    private sealed record Unshared(object? Value, string FileState, Action Share);
}
