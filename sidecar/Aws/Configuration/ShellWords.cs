using System.Text;

namespace RdsTunnel.Aws.Configuration;

/// <summary>Cuts a command line into words, without a shell: nothing is expanded, and <c>|</c> or
/// <c>;</c> are letters like others.</summary>
internal static class ShellWords
{
    /// <summary>By the rules of a POSIX shell's quotes and backslashes.</summary>
    /// <returns>Null when a quotation, or an escape at the end, is left open.</returns>
    public static List<string>? Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && quote != '\'')
            {
                if (++i == text.Length)
                {
                    return null;
                }

                // Between double quotes it escapes only itself and the quote.
                word.Append(quote == '"' && text[i] is not ('"' or '\\') ? "\\" : "").Append(text[i]);
                isWord = true;
            }
            else if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
                word.Append(quote == '\0' ? "" : c.ToString());
            }
            else if (c is '\'' or '"')
            {
                quote = c;
                isWord = true;
            }
            else if (c is ' ' or '\t' or '\r' or '\n')
            {
                End();
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }

        End();
        return quote == '\0' ? words : null;

        void End()
        {
            if (isWord)
            {
                words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
        }
    }

    /// <summary>By the rules of a Windows program's own arguments: double quotes only, and
    /// backslashes that escape before a quote alone.</summary>
    /// <returns>Null when a quotation is left open.</returns>
    public static List<string>? SplitForWindows(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        var isQuoted = false;
        var backslashes = 0;
        foreach (var c in text)
        {
            if (c == '\\')
            {
                backslashes++;
                continue;
            }

            var isEscaped = c == '"' && backslashes % 2 == 1;
            word.Append('\\', c == '"' ? backslashes / 2 : backslashes);
            isWord |= backslashes > 0;
            backslashes = 0;
            if (c == '"' && !isEscaped)
            {
                isQuoted = !isQuoted;
                isWord = true;
            }
            else if (c is ' ' or '\t' && !isQuoted)
            {
                End();
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }

        word.Append('\\', backslashes);
        isWord |= backslashes > 0;
        End();
        return isQuoted ? null : words;

        void End()
        {
            if (isWord)
            {
                words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
        }
    }
}
