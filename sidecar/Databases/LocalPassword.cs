using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Databases;

/// <summary>What tools have to give to a tunnel's port, in place of the database's password: for a
/// port that others than this user can reach. One for a tunnel. Thread-safe.</summary>
/// <param name="text">Printable ASCII, so that no protocol has a second spelling of it.</param>
public sealed class LocalPassword(string text, TimeProvider time)
{
    /// <summary>How long a wrong one is waited out, and as many at once: sixteen guesses a second
    /// at most, however many connections make them.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private const int MaxWrong = 16;

    private readonly byte[] _bytes = Encoding.ASCII.GetBytes(text);
    private readonly Lock _gate = new();
    private int _wrong; // that are waited out; guarded by _gate

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>In a time that says nothing of the password but its length.</summary>
    internal bool Is(ReadOnlySpan<byte> given) => CryptographicOperations.FixedTimeEquals(given, _bytes);

    /// <param name="isRight">What the tool's protocol has found.</param>
    /// <param name="cancellationToken">Not the tool's leaving: its guess counts all the same.</param>
    /// <exception cref="LoginException">It is wrong, or too many were just now.</exception>
    internal async Task RequireAsync(bool isRight, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_wrong >= MaxWrong)
            {
                throw new LoginException(
                    LoginError.WrongLocalPassword,
                    "Too many wrong local passwords were sent to this port. Try again in a moment."
                );
            }

            if (isRight)
            {
                return;
            }

            _wrong++;
        }

        try
        {
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _wrong--;
            }
        }

        throw new LoginException(
            LoginError.WrongLocalPassword,
            "The local password is wrong. Enter the tunnel's local password, not the database's."
        );
    }

    public override string ToString() => nameof(LocalPassword);
}
