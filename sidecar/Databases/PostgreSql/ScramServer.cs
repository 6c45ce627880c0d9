using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>The server's side of SCRAM-SHA-256, without channel binding, for there is no TLS on the
/// local port. The tool sends no password, and sees that this side knows it.</summary>
/// <remarks>The messages are <see cref="ScramClient"/>'s.</remarks>
/// <param name="nonce">This side's part of it.</param>
internal sealed class ScramServer(ScramVerifier verifier, string nonce)
{
    public const string Mechanism = "SCRAM-SHA-256";

    private const int NonceBytes = 18;

    // Of the tool: does not know channel binding; knows it, and knows that it is not offered.
    private static readonly string[] Headers = ["n,,", "y,,"];

    private string _header = "";
    private string _firstMessages = ""; // both, as the proof covers them
    private string _nonce = "";

    public ScramServer(ScramVerifier verifier)
        : this(verifier, Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes))) { }

    /// <returns>The server's first message; null when the client's is none.</returns>
    public byte[]? Answer(ReadOnlySpan<byte> clientFirst)
    {
        var text = Encoding.UTF8.GetString(clientFirst);
        if (Headers.FirstOrDefault(one => text.StartsWith(one, StringComparison.Ordinal)) is not { } header)
        {
            return null;
        }

        var bare = text[header.Length..];
        // The user is the startup message's, whatever stands here.
        if (bare.Split(',') is not [['n', '=', ..], ['r', '=', _, ..] own, ..])
        {
            return null;
        }

        _header = header;
        _nonce = own[2..] + nonce;
        var answer = $"r={_nonce},{verifier.SaltAndIterations}";
        _firstMessages = $"{bare},{answer}";
        return Encoding.UTF8.GetBytes(answer);
    }

    /// <returns>Whether the client knows the password, and the server's last message; null when the
    /// client's is none, or none of this exchange.</returns>
    public (bool IsRight, byte[] Final)? Judge(ReadOnlySpan<byte> clientFinal)
    {
        var text = Encoding.UTF8.GetString(clientFinal);
        var withoutProof = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(_header))},r={_nonce}";
        var proof = new byte[SHA256.HashSizeInBytes];
        if (
            _nonce.Length == 0
            || !text.StartsWith(withoutProof + ",p=", StringComparison.Ordinal)
            || !Convert.TryFromBase64String(text[(withoutProof.Length + 3)..], proof, out var length)
            || length != proof.Length
        )
        {
            return null;
        }

        var authentication = Encoding.UTF8.GetBytes($"{_firstMessages},{withoutProof}");
        var signature = HMACSHA256.HashData(verifier.StoredKey, authentication);
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] ^= signature[i]; // the client's key, if it has one
        }

        var isRight = CryptographicOperations.FixedTimeEquals(SHA256.HashData(proof), verifier.StoredKey);
        return (isRight, Encoding.ASCII.GetBytes($"v={Convert.ToBase64String(HMACSHA256.HashData(verifier.ServerKey, authentication))}"));
    }
}
