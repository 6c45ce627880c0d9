using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>Makes one password of all ways to type it, before SCRAM hashes it: SASLprep, RFC 4013, as PostgreSQL has it.</summary>
/// <remarks>PostgreSQL looks for forbidden characters before it normalizes, and takes a password that
/// has some as it is. It does so when it stores a password as well, so this must do the same.</remarks>
internal static class SaslPrep
{
    /// <param name="password">In UTF-8.</param>
    /// <returns>Pinned, for the caller to overwrite.</returns>
    public static byte[] Prepare(ReadOnlySpan<byte> password)
    {
        if (Ascii.IsValid(password))
        {
            return Pinned(password);
        }

        var text = GC.AllocateArray<int>(password.Length, pinned: true);
        var normal = GC.AllocateArray<int>(password.Length * Nfkc.MaxGrowth, pinned: true);
        var bytes = GC.AllocateArray<byte>(normal.Length * 4, pinned: true);
        try
        {
            if (Map(password, text) is not { } length || IsForbidden(text.AsSpan(0, length)))
            {
                return Pinned(password);
            }

            var written = 0;
            foreach (var one in normal.AsSpan(0, Nfkc.Normalize(text.AsSpan(0, length), normal)))
            {
                written += new Rune(one).EncodeToUtf8(bytes.AsSpan(written));
            }

            return Pinned(bytes.AsSpan(0, written));
        }
        finally
        {
            Array.Clear(text);
            Array.Clear(normal);
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    // Code points, with other spaces as ASCII's, and without what nobody sees. Null when it is no UTF-8.
    private static int? Map(ReadOnlySpan<byte> password, Span<int> text)
    {
        var tables = UnicodeTables.Instance;
        var length = 0;
        while (!password.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(password, out var rune, out var consumed) != OperationStatus.Done)
            {
                return null;
            }

            password = password[consumed..];
            if (tables.Spaces.Contains(rune.Value))
            {
                text[length++] = ' ';
            }
            else if (!tables.Nothing.Contains(rune.Value))
            {
                text[length++] = rune.Value;
            }
        }

        return length;
    }

    private static bool IsForbidden(ReadOnlySpan<int> text)
    {
        var tables = UnicodeTables.Instance;
        bool isLeft = false,
            isRight = false;
        foreach (var one in text)
        {
            if (tables.Prohibited.Contains(one) || tables.Unassigned.Contains(one))
            {
                return true;
            }

            isLeft |= tables.LeftToRight.Contains(one);
            isRight |= tables.RightToLeft.Contains(one);
        }

        return text.IsEmpty || (isRight && (isLeft || !tables.RightToLeft.Contains(text[0]) || !tables.RightToLeft.Contains(text[^1])));
    }

    private static byte[] Pinned(ReadOnlySpan<byte> bytes)
    {
        var pinned = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(pinned);
        return pinned;
    }
}
