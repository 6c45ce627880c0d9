using RdsTunnel.Faults;

namespace RdsTunnel.Databases;

/// <summary>A connection could not be signed in. People read the message, and the tool gets it; it holds no secret.</summary>
#pragma warning disable CA1032 // it has an error, always
public sealed class LoginException(LoginError error, string message, Exception? innerException = null) : Exception(message, innerException)
#pragma warning restore CA1032
{
    public LoginError Error { get; } = error;

    /// <summary>What else may help, for the log and the tunnel's state; null when nothing is known.</summary>
    public string? Hint { get; init; }

    /// <summary>Whatever failed, as what the tool is to be told.</summary>
    public static LoginException From(Exception failure) =>
        failure switch
        {
            LoginException login => login,
            RefusedException refused => refused.Failure,
            IOException => new(
                LoginError.DatabaseGone,
                "The database closed the connection before the sign-in was complete. Try again; if it happens again, check the database's own log.",
                failure
            ),
            _ => new(LoginError.Unavailable, SafeText.Describe(failure) + ".", failure),
        };
}

public enum LoginError
{
    /// <summary>Whoever connected does not speak the database's protocol. It is told nothing.</summary>
    NotTheProtocol,

    /// <summary>What the tool asks for cannot be done with a login: TLS to the local port, for example.</summary>
    ToolUnsupported,

    /// <summary>The tool has not given the tunnel's local password.</summary>
    WrongLocalPassword,

    /// <summary>The database has no TLS.</summary>
    NoTls,

    /// <summary>The database's certificate is for another name, has expired, or its issuer is not trusted.</summary>
    CertificateRefused,

    /// <summary>The database asks for something that is not spoken here.</summary>
    DatabaseUnsupported,

    /// <summary>The database said no, in its own words; they have gone to the tool as they were.</summary>
    DatabaseRefused,

    /// <summary>The database's answer is none of its protocol.</summary>
    ProtocolError,

    /// <summary>The database has closed the connection.</summary>
    DatabaseGone,

    /// <summary>The tool or the database did not go on in time.</summary>
    TimedOut,

    /// <summary>No connection to the database, or no credentials for it: the cause says why.</summary>
    Unavailable,
}

/// <summary>The tool has closed its connection: there is nobody to tell.</summary>
public sealed class ToolGoneException : Exception
{
    public ToolGoneException()
        : this("The tool closed its connection before it was signed in.") { }

    public ToolGoneException(string message)
        : base(message) { }

    public ToolGoneException(string message, Exception innerException)
        : base(message, innerException) { }
}
