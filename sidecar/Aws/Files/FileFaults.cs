namespace RdsTunnel.Aws.Files;

/// <summary>What is wrong with a file or its folder, in our own words.</summary>
internal static class FileFaults
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

    /// <returns>A clause without a full stop.</returns>
    public static string Describe(Exception e) => e switch
    {
        UnreadableFileException => e.Message,
        UnauthorizedAccessException => "permission is denied",
        PathTooLongException => "its path is too long",
        FileNotFoundException => "it does not exist",
        DirectoryNotFoundException => "a folder of its path is missing, or is a file",
        ArgumentException or NotSupportedException => "it is not the path of a file",
        { HResult: OutOfSpace or WindowsDiskFull or WindowsHandleDiskFull } => "the disk is full",
        { HResult: ReadOnly or WindowsWriteProtected } => "the file system is read-only",
        { HResult: Exists } => "a file is in the place of its folder",
        { HResult: IsFolder } => "a folder is in its place",
        { HResult: WindowsSharingViolation } => "another program is using it",
        _ when e.HResult == QuotaExceeded => "the disk quota is used up",
        _ => $"the system reports error {e.HResult}",
    };
}
