using System.Net.Security;
using System.Text;
using RdsTunnel.Databases.Redis.Protocol;

namespace RdsTunnel.Databases.Redis;

/// <summary>What a tool says until it comes to its business: AUTH, which is answered here, and HELLO, whose password is left out.</summary>
/// <remarks>Some clients send both, one behind the other, because either may be unknown to a server.</remarks>
internal sealed class Opening(ToolConnection client, ToolCommands commands, TimeProvider time)
{
    /// <returns>The database's stream, from which nothing is missing, and the command that it has
    /// not been sent yet; null when the database spoke first, or ended.</returns>
    /// <exception cref="LoginException">AUTH or HELLO are malformed.</exception>
    /// <exception cref="MalformedRespException">The database's answer is.</exception>
    /// <exception cref="ToolGoneException"/>
    public async Task<(Stream Database, Command? Next)> RunAsync(Command? next, SslStream database, CancellationToken cancellationToken)
    {
        PeekedStream? peeked = null;
        while (true)
        {
            var stream = (Stream?)peeked ?? database;
            if (next is not { Name: "AUTH" or "HELLO" })
            {
                return (stream, next);
            }

            var command = next;
            await Patience
                .WithinAsync(
                    async token =>
                    {
                        await AnswerAsync(command, stream, token).ConfigureAwait(false);
                        return true;
                    },
                    "The sign-in wasn't completed",
                    time,
                    cancellationToken
                )
                .ConfigureAwait(false);
            // A tool may rest here for long. If the database ends the connection meanwhile, the tool hears it.
            peeked ??= new PeekedStream(database, CancellationToken.None);
            peeked.PeekAgain(CancellationToken.None);
            next = await ReadNextAsync(peeked.Peeked, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(Command command, Stream database, CancellationToken cancellationToken)
    {
        var arguments = await commands.ReadArgumentsAsync(command, cancellationToken).ConfigureAwait(false);
        if (command.Name == "AUTH")
        {
            await client.WriteAsync(RespWriter.Ok, cancellationToken).ConfigureAwait(false);
            return;
        }

        await database.WriteAsync(RespWriter.Command(WithoutPassword(arguments)), cancellationToken).ConfigureAwait(false);
        await client
            .WriteAsync(await RespReader.ReadReplyAsync(database, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
    }

    // HELLO [version [AUTH user password] [SETNAME name]]
    private static ReadOnlyMemory<byte>[] WithoutPassword(IReadOnlyList<byte[]> arguments)
    {
        var kept = new List<ReadOnlyMemory<byte>> { "HELLO"u8.ToArray() };
        for (var i = 0; i < arguments.Count; i++)
        {
            if (i > 0 && i + 2 < arguments.Count && Ascii.EqualsIgnoreCase(arguments[i], "AUTH"u8))
            {
                i += 2;
            }
            else
            {
                kept.Add(arguments[i]);
            }
        }

        return [.. kept];
    }

    /// <returns>Null when the database spoke first, or ended.</returns>
    private async Task<Command?> ReadNextAsync(Task databaseSpeaks, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = new byte[1];
        var toolSpeaks = client.ReadExactlyAsync(first, end.Token);
        if (await Task.WhenAny(toolSpeaks, databaseSpeaks).ConfigureAwait(false) == databaseSpeaks)
        {
            await end.CancelAsync().ConfigureAwait(false);
            await toolSpeaks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (toolSpeaks.IsCanceled && !cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }

        await toolSpeaks.ConfigureAwait(false);
        return await commands.ReadAsync(first[0], cancellationToken).ConfigureAwait(false);
    }
}
