using System.Text;

namespace RdsTunnel.Databases.MySql;

/// <summary>A user's name as a server reads it: in the charset that the tool has chosen for all that it sends.</summary>
internal static class UserName
{
    /// <param name="charset">The tool's, by the number of its collation.</param>
    /// <exception cref="LoginException">The name cannot be written in it.</exception>
    public static byte[] In(byte charset, string user)
    {
        if (Ascii.IsValid(user) || IsUtf8(charset))
        {
            return Encoding.UTF8.GetBytes(user);
        }

        // MySQL's latin1 has letters where ISO's has control characters: those are left to the error.
        return IsLatin1(charset) && user.All(one => one is < '\u0080' or (>= '\u00a0' and <= '\u00ff'))
            ? Encoding.Latin1.GetBytes(user)
            : throw new LoginException(
                LoginError.ToolUnsupported,
                $"The login's user has letters that can't be sent in the tool's charset (number {charset}). Set the tool's charset to utf8mb4."
            );
    }

    // By the numbers of information_schema.collations.
    private static bool IsUtf8(byte charset) => charset is 33 or 45 or 46 or 76 or 83 or >= 192;

    private static bool IsLatin1(byte charset) => charset is 5 or 8 or 15 or 31 or 47 or 48 or 49 or 94;
}
