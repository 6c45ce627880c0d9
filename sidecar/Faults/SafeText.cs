using System.Diagnostics;
using System.Text;

namespace RdsTunnel.Faults;

/// <summary>An exception in words that may go into a log, an error or a notification. Only our own
/// exceptions' messages are taken as they are: those of parsers quote
/// lines with keys, .NET's quote a proxy's address with its password, a service's quote the request.</summary>
public static class SafeText
{
    /// <summary>An exception within an exception, and so on: ours are four deep at most.</summary>
    private const int MaxDepth = 16;

    /// <summary>What failed, as a part of a sentence or a sentence, without a full stop: <c>the connection was refused</c>.</summary>
    public static string Describe(Exception exception) =>
        IsOurs(exception)
            ? exception.Message.TrimEnd('.')
            : NetworkFault.Describe(exception) ?? FileFault.Describe(exception) ?? $"unexpected error ({exception.GetType().Name})";

    /// <summary>For logs: the types, what failed in our words, and the stack.</summary>
    public static string Trace(Exception exception)
    {
        var text = new StringBuilder();
        Append(text, exception, 0);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Exception exception, int depth)
    {
        text.Append(exception.GetType().FullName).Append(": ").Append(ForeignText.Line(Describe(exception)));
        if (depth < MaxDepth)
        {
            foreach (
                var inner in exception is AggregateException many ? many.InnerExceptions
                : exception.InnerException is { } one ? [one]
                : Array.Empty<Exception>().AsReadOnly()
            )
            {
                text.Append("\n ---> ");
                Append(text, inner, depth + 1);
            }
        }

        // Methods and lines: a stack has no values in it.
        var stack = new StackTrace(exception, fNeedFileInfo: true).ToString().TrimEnd();
        if (stack.Length > 0)
        {
            text.Append('\n').Append(stack);
        }
    }

    private static bool IsOurs(Exception exception) =>
        exception.GetType().Namespace is { } name && (name == "RdsTunnel" || name.StartsWith("RdsTunnel.", StringComparison.Ordinal));
}
