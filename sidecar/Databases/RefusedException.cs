namespace RdsTunnel.Databases;

/// <summary>The database says no. The tool has not been told yet.</summary>
#pragma warning disable CA1032 // nobody outside of the engines sees it
internal sealed class RefusedException(ReadOnlyMemory<byte> answer, LoginException failure) : Exception(failure.Message)
#pragma warning restore CA1032
{
    /// <summary>In its own words, as they came.</summary>
    public ReadOnlyMemory<byte> Answer => answer;

    public LoginException Failure => failure;

    /// <summary>It was given a password, and another one may be right.</summary>
    public bool IsAboutThePassword { get; init; }
}
