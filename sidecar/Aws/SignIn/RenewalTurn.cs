namespace RdsTunnel.Aws.SignIn;

/// <summary>One process of this program after the other renews a sign-in: the lock is the system's
/// own on a file beside it, which ends with the process, however that ends.</summary>
/// <remarks>It only spares refused calls. Where it cannot be had, or another process has it for too
/// long, the renewal goes on without it.</remarks>
internal sealed class RenewalTurn : IDisposable
{
    /// <summary>Longer than a call takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly FileStream? _file;

    private RenewalTurn(FileStream? file) => _file = file;

    public static async Task<RenewalTurn> TakeAsync(string path, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Other processes go by the computer's time.
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < Patience; )
        {
            try
            {
                return new RenewalTurn(new FileStream($"{path}.rds-tunnel-lock", options));
            }
            catch (IOException e) when (IsTaken(e))
            {
                await Task.Delay(LookInterval, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                break;
            }
        }

        return new RenewalTurn(null);
    }

    public void Dispose() => _file?.Dispose();

    // EWOULDBLOCK, or a sharing violation.
    private static bool IsTaken(IOException e) =>
        e.HResult
        == (
            OperatingSystem.IsWindows() ? unchecked((int)0x80070020)
            : OperatingSystem.IsMacOS() ? 35
            : 11
        );
}
