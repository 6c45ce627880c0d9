using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Agents;

/// <summary>A file on this machine with what agents did: one JSON object a line, readable by its
/// owner alone. Thread-safe, also between processes.</summary>
/// <param name="path">Null when there is no place for it; then nothing can be written.</param>
/// <param name="maxBytes">Beyond that, the file becomes the one before it, whose own end that is: some thousand actions.</param>
public sealed class AuditLog(string? path, TimeProvider time, int maxBytes = 1 << 20) : IAgentLog, IDisposable
{
    private const int MaxFieldChars = 300;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Another process holds the file for as long as it writes a line.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc/>
    public async Task WriteAsync(AgentAction action, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            throw new TunnelException(
                TunnelErrorCode.ConfigurationInvalid,
                "The log of agents' actions has no place: set HOME or XDG_STATE_HOME."
            );
        }

        var line = Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(AuditLine.Of(time.GetUtcNow(), action), AuditJson.Default.AuditLine) + "\n"
        );
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await AppendAsync(path, line, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TunnelException(
                TunnelErrorCode.ConfigurationInvalid,
                $"The log of agents' actions, {path}, can't be written: {SafeText.Describe(e)}."
            );
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task AppendAsync(string path, byte[] line, CancellationToken cancellationToken)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                Append(path, line);
                return;
            }
            catch (IOException e) when (e is not NoFileException && time.GetElapsedTime(since) < Patience)
            {
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void Append(string path, byte[] line)
    {
        while (true)
        {
            using var file = Open(path);
            if (LengthAt(path) != file.Length)
            {
                throw new IOException("Another process has moved the file, before this one had it alone.");
            }

            if (file.Length == 0 || file.Length + line.Length <= maxBytes)
            {
                WriteEnd(file, line);
                return;
            }

            // While it is held: whoever comes next must not move the one that follows over it.
            File.Move(path, Path.ChangeExtension(path, ".1.jsonl"), overwrite: true);
        }
    }

    private static long? LengthAt(string path)
    {
        var file = new FileInfo(path);
        // A link has a length of its own.
        return (file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo) is { Exists: true } there
            ? there.Length
            : null;
    }

    // Alone: on Unix this is a lock among this program's processes.
    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
        {
            options.Share = FileShare.Delete; // it may be moved, and nothing else
            return new FileStream(path, options);
        }

        options.UnixCreateMode = OwnerOnly;
        var file = new FileStream(path, options);
        if (!file.CanSeek)
        {
            file.Dispose();
            throw new NoFileException();
        }

        // Whatever it was before.
        File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        return file;
    }

    private sealed class NoFileException() : IOException("it isn't a regular file");

    private static void WriteEnd(FileStream file, byte[] line)
    {
        // A process that was killed may have left half a line.
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
            {
                line = [(byte)'\n', .. line];
            }
        }

        file.Seek(0, SeekOrigin.End);
        file.Write(line);
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>What agents and databases say is cleaned here, whoever wrote it.</summary>
    internal sealed record AuditLine(
        DateTimeOffset Time,
        AgentActionKind Action,
        string Client,
        string? Host,
        int? Port,
        int? LocalPort,
        string? Profile,
        string? Region,
        string? Identity,
        string? Consent,
        string? Reason,
        string? Error
    )
    {
        public static AuditLine Of(DateTimeOffset time, AgentAction action) =>
            new(
                time,
                action.Action,
                Clean(action.Client) ?? "",
                Clean(action.Host),
                action.Port,
                action.LocalPort,
                Clean(action.Profile),
                Clean(action.Region),
                Clean(action.Identity),
                Clean(action.Consent),
                Clean(action.Reason),
                Clean(action.Error)
            );

        private static string? Clean(string? text) => text is null ? null : ForeignText.Quote(text, maxChars: MaxFieldChars);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(AuditLog.AuditLine))]
internal sealed partial class AuditJson : JsonSerializerContext;
