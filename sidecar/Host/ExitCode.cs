namespace RdsTunnel.Host;

/// <summary>How the process ends, for scripts and for the editor.</summary>
internal static class ExitCode
{
    /// <summary>It was asked to end (standard input closed, exit, a signal, the parent gone), and everything is closed.</summary>
    public const int Ended = 0;

    /// <summary>Something that should not happen did; the log says what.</summary>
    public const int Failed = 1;

    /// <summary>The command line is invalid.</summary>
    public const int Usage = 2;

    /// <summary>The tunnel could not be opened.</summary>
    public const int NotOpened = 3;

    /// <summary>Ended, but closing took too long: a session may live on until its idle timeout.</summary>
    public const int NotClosed = 4;

    /// <summary>Ended in good order, but connections were still open when their time was over.</summary>
    public const int Cut = 5;
}
