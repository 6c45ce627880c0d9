namespace RdsTunnel.Faults;

/// <summary>What is wrong with a file or its folder.</summary>
public static class FileFault
{
    // On Unix, HResult is errno where .NET has no exception of its own; on Windows it is 0x8007 and the system's code.
    private const int OutOfSpace = 28;
    private const int ReadOnly = 30;
    private const int Exists = 17;
    private const int IsFolder = 21;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int WindowsWriteProtected = unchecked((int)0x80070013);

    private static readonly int QuotaExceeded = OperatingSystem.IsMacOS() ? 69 : 122;

    /// <summary>A part of a sentence; null when it was no failure of a file.</summary>
    public static string? Describe(Exception exception) =>
        exception switch
        {
            UnauthorizedAccessException => "permission is denied",
            PathTooLongException => "its path is too long",
            FileNotFoundException => "it does not exist",
            DirectoryNotFoundException => "part of its path is missing or isn't a folder",
            IOException { HResult: OutOfSpace or WindowsDiskFull or WindowsHandleDiskFull } => "the disk is full",
            IOException { HResult: ReadOnly or WindowsWriteProtected } => "the file system is read-only",
            IOException { HResult: Exists } => "its folder is a file",
            IOException { HResult: IsFolder } => "it is a folder",
            IOException { HResult: WindowsSharingViolation } => "another program is using it",
            IOException when exception.HResult == QuotaExceeded => "the disk quota is exceeded",
            IOException => $"reading or writing failed (0x{exception.HResult:X8})",
            _ => null,
        };
}
