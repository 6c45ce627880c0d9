using System.Text;

namespace RdsTunnel.Databases.Redis;

/// <summary>Asks a tool for the local password: it has to begin with AUTH, or with a HELLO that has
/// one. Other commands get NOAUTH, as a server answers them.</summary>
internal static class LocalSignIn
{
    /// <summary>Clients that say their name first need a few.</summary>
    private const int MaxCommands = 16;

    private static readonly byte[] NoAuth = "-NOAUTH Authentication required.\r\n"u8.ToArray();

    /// <param name="first">The tool's first command.</param>
    /// <returns>The command with a password, its arguments known.</returns>
    /// <exception cref="LoginException">None comes.</exception>
    /// <exception cref="ToolGoneException"/>
    public static Task<(Command Command, byte[] Password)> ReadAsync(
        ToolConnection tool,
        ToolCommands commands,
        Command first,
        TimeProvider time,
        CancellationToken cancellationToken
    ) =>
        Patience.WithinAsync(
            token => ReadAsync(tool, commands, first, token),
            "The program didn't send the local password",
            time,
            cancellationToken
        );

    private static async Task<(Command Command, byte[] Password)> ReadAsync(
        ToolConnection tool,
        ToolCommands commands,
        Command command,
        CancellationToken cancellationToken
    )
    {
        for (var count = 0; count < MaxCommands; count++)
        {
            if (command.Name is "AUTH" or "HELLO")
            {
                var arguments = await commands.ReadArgumentsAsync(command, cancellationToken).ConfigureAwait(false);
                command = command with { Known = arguments };
                if (PasswordIn(command.Name, arguments) is { } password)
                {
                    return (command, password);
                }
            }

            await commands.SkipArgumentsAsync(command, cancellationToken).ConfigureAwait(false);
            await tool.WriteAsync(NoAuth, cancellationToken).ConfigureAwait(false);
            var next = new byte[1];
            await tool.ReadExactlyAsync(next, cancellationToken).ConfigureAwait(false);
            command = await commands.ReadAsync(next[0], cancellationToken).ConfigureAwait(false);
        }

        throw new LoginException(LoginError.WrongLocalPassword, "The program sent commands, but not the tunnel's local password.");
    }

    // AUTH [user] password; HELLO version … AUTH user password …
    private static byte[]? PasswordIn(string name, IReadOnlyList<byte[]> arguments)
    {
        if (name == "AUTH")
        {
            return arguments.Count is 1 or 2 ? arguments[^1] : null;
        }

        for (var i = 1; i + 2 < arguments.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(arguments[i], "AUTH"u8))
            {
                return arguments[i + 2];
            }
        }

        return null;
    }
}
