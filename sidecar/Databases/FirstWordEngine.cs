namespace RdsTunnel.Databases;

/// <summary>For a port that does not tell which database is behind it: it goes by who speaks first,
/// the tool (PostgreSQL, Redis) or the database (MySQL).</summary>
/// <param name="redis">Signs in tools that begin with an array of RESP.</param>
/// <param name="toolFirst">Signs in other tools that speak first.</param>
/// <param name="databaseFirst">Signs in to databases that greet.</param>
public sealed class FirstWordEngine(IDatabaseEngine redis, IDatabaseEngine toolFirst, IDatabaseEngine databaseFirst, TimeProvider time)
    : IDatabaseEngine
{
    /// <summary>A tool that speaks first does so at once. The database is dialled only for one that has not.</summary>
    private static readonly TimeSpan ToolTime = TimeSpan.FromMilliseconds(200);

    /// <summary>No first byte of PostgreSQL: a message of its would have 700 MB.</summary>
    private const byte RespArray = (byte)'*';

    /// <summary>Of <c>PING</c>, the only plain line that is taken.</summary>
    private const byte Ping = (byte)'P';

    public async Task<Stream?> SignInAsync(Stream tool, DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var peeked = new PeekedStream(tool, end.Token);
        var toolSpeaks = peeked.Peeked;
        await using var ahead = new DialledAhead(dial);
        try
        {
            await Task.WhenAny(toolSpeaks, Task.Delay(ToolTime, time, end.Token)).ConfigureAwait(false);
            if (!toolSpeaks.IsCompleted)
            {
                await Task.WhenAny(toolSpeaks, ahead.GreetedAsync(end.Token)).ConfigureAwait(false);
            }

            var engine =
                !toolSpeaks.IsCompleted ? databaseFirst
                : peeked.First is RespArray or Ping ? redis
                : toolFirst;
            return await engine.SignInAsync(peeked, ahead.DialAsync, login, cancellationToken).ConfigureAwait(false);
        }
        catch (LoginException e) when (e.Error == LoginError.NotTheProtocol)
        {
            // Which protocol it should have been is not known.
            throw new LoginException(
                e.Error,
                "A program that doesn't speak a database's protocol (PostgreSQL, MySQL, Redis) was disconnected. Only database tools can use this port, no browser.",
                e
            );
        }
        finally
        {
            // Nobody reads the tool any more when this returns.
            await end.CancelAsync().ConfigureAwait(false);
            await toolSpeaks.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A connection that was made before an engine asked for one. What failed then fails when it asks.</summary>
    private sealed class DialledAhead(DialDatabase dial) : IAsyncDisposable
    {
        private Task<PeekedStream>? _dialled;
        private Task _greeted = Task.CompletedTask;

        /// <summary>Ends when the database has spoken, or cannot.</summary>
        public Task GreetedAsync(CancellationToken cancellationToken)
        {
            _dialled = ConnectAsync(cancellationToken);
            return _greeted = WaitAsync(_dialled);
        }

        public async Task<Stream> DialAsync(CancellationToken cancellationToken) =>
            Interlocked.Exchange(ref _dialled, null) is { } dialled
                ? await dialled.WaitAsync(cancellationToken).ConfigureAwait(false)
                : await dial(cancellationToken).ConfigureAwait(false);

        /// <summary>Of what no engine has taken.</summary>
        public async ValueTask DisposeAsync()
        {
            await _greeted.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_dialled is { IsCompletedSuccessfully: true } unused)
            {
                await (await unused.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
        }

        private async Task<PeekedStream> ConnectAsync(CancellationToken cancellationToken) =>
            new(await dial(cancellationToken).ConfigureAwait(false), cancellationToken);

        private static async Task WaitAsync(Task<PeekedStream> dialled) =>
            await (await dialled.ConfigureAwait(false)).Peeked.ConfigureAwait(false);
    }
}
