namespace RdsTunnel.Databases.Redis;

/// <summary>Tells a tool why it is not signed in.</summary>
internal static class LastWords
{
    /// <summary>Most tools have sent their first commands by then.</summary>
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    /// <summary>Each command gets the same error: many tools begin with commands whose answers they
    /// do not look at (CLIENT SETINFO).</summary>
    /// <param name="command">Whose arguments are unread.</param>
    /// <param name="error">As RESP has it.</param>
    public static async Task AnswerAsync(
        ToolConnection tool,
        ToolCommands commands,
        Command command,
        ReadOnlyMemory<byte> error,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var enough = new CancellationTokenSource(Time, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, enough.Token);
        try
        {
            while (true)
            {
                await tool.WriteAsync(error, either.Token).ConfigureAwait(false);
                await commands.SkipArgumentsAsync(command, either.Token).ConfigureAwait(false);
                var first = new byte[1];
                await tool.ReadExactlyAsync(first, either.Token).ConfigureAwait(false);
                command = await commands.ReadAsync(first[0], either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e)
            when (e is ToolGoneException or LoginException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            // It has gone, says no more, or nothing that has an answer.
        }
    }
}
