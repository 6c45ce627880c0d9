using System.Security.Cryptography;

namespace RdsTunnel.Databases.Signatures;

/// <summary>Signatures with Ed25519, which .NET 10 does not have: <see href="https://www.rfc-editor.org/rfc/rfc8032#section-5.1.6"/>.
/// Nothing is verified here; servers do that.</summary>
/// <remarks>In constant time: neither a branch nor an address depends on the secret or on what is derived from it.
/// Buffers with secrets are overwritten; .NET may leave copies of numbers in between on the stack.</remarks>
internal static class Ed25519
{
    public const int SeedBytes = 32;
    public const int SignatureBytes = 64;
    private const int PointBytes = 32;

    /// <summary>The signature of <paramref name="message"/>: <code>
    /// az = SHA512(secret)       a = az[..32], as a number with some bits fixed      A = a B
    /// r = SHA512(az[32..] M)    R = r B      S = r + SHA512(R A M) a      signature = R S
    /// </code></summary>
    /// <param name="secret">A seed of 32 bytes in the RFC. Only its hash counts, so a password of any length will do, and
    /// MariaDB's plugin <c>ed25519</c> takes one.</param>
    /// <param name="signature">Where its <see cref="SignatureBytes"/> go.</param>
    public static void Sign(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Span<byte> key = stackalloc byte[SHA512.HashSizeInBytes];
        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        Span<byte> once = stackalloc byte[Scalar.Bytes];
        Span<byte> publicKey = stackalloc byte[PointBytes];
        try
        {
            Expand(secret, key);
            CurvePoint.MultiplyBase(key[..Scalar.Bytes]).Write(publicKey);
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
            sha.AppendData(key[Scalar.Bytes..]);
            sha.AppendData(message);
            sha.GetHashAndReset(hash);
            Scalar.Reduce(hash, once);
            CurvePoint.MultiplyBase(once).Write(signature);
            sha.AppendData(signature[..PointBytes]);
            sha.AppendData(publicKey);
            sha.AppendData(message);
            sha.GetHashAndReset(hash);
            Span<byte> challenge = stackalloc byte[Scalar.Bytes];
            Scalar.Reduce(hash, challenge);
            Scalar.MultiplyAdd(challenge, key[..Scalar.Bytes], once, signature[PointBytes..SignatureBytes]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(hash);
            CryptographicOperations.ZeroMemory(once);
        }
    }

    // A multiple of 8, as the curve has 8 points outside of the base point's group; and of one length.
    private static void Expand(ReadOnlySpan<byte> secret, Span<byte> key)
    {
        SHA512.HashData(secret, key);
        key[0] &= 0b1111_1000;
        key[31] &= 0b0111_1111;
        key[31] |= 0b0100_0000;
    }
}
