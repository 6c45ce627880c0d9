namespace RdsTunnel.Faults;

/// <summary>Why a file could not be read or written.</summary>
public static class FileFault
{
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int UnixNoSpace = 28; // ENOSPC, on Linux and macOS
    private const int UnixReadOnly = 30; // EROFS, likewise

    /// <summary>A part of a sentence; null when it was no failure of a file.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file or folder",
        UnauthorizedAccessException => "permission denied",
        PathTooLongException => "the path is too long",
        IOException { HResult: WindowsSharingViolation } => "another program uses it",
        IOException { HResult: WindowsDiskFull or UnixNoSpace } => "the disk is full",
        IOException { HResult: UnixReadOnly } => "the disk is read-only",
        IOException e => $"reading or writing failed (0x{e.HResult:X8})",
        _ => null,
    };
}
