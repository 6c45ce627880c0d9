using System.CommandLine;
using System.CommandLine.Parsing;

namespace RdsTunnel.Host;

internal static class OptionValues
{
    /// <summary>Without that, a validator finds no default yet.</summary>
    public static bool IsTypedIn(this Option option, CommandResult result) => result.GetResult(option) is { Implicit: false };

    /// <summary>For validators of a command, which run also when an option of it is wrong.</summary>
    /// <returns>The default of the type for an option without its value, or with one that is none: the parser tells that itself.</returns>
    public static T? ReadValue<T>(this CommandResult result, Option<T> option)
    {
        try
        {
            return result.GetValue(option);
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
