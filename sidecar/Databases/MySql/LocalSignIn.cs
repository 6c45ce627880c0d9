using System.Security.Cryptography;

namespace RdsTunnel.Databases.MySql;

/// <summary>Asks a tool for the local password, as a server would: what comes is a hash of it with
/// a nonce, never the password itself.</summary>
internal static class LocalSignIn
{
    /// <param name="response">With a plugin of <see cref="ToolPlugin"/>.</param>
    /// <param name="nonce">What it answers.</param>
    /// <exception cref="LoginException">The password is wrong.</exception>
    public static Task RequireAsync(HandshakeResponse response, byte[] nonce, LocalPassword password, CancellationToken cancellationToken)
    {
        using var right = new PayloadWriter();
        Plugins.WriteAnswer(right, response.Plugin!, nonce, password.Bytes);
        return password.RequireAsync(CryptographicOperations.FixedTimeEquals(response.Answer.Span, right.Written.Span), cancellationToken);
    }
}
