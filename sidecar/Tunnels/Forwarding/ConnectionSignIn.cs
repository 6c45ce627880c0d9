using System.Net.Security;
using System.Net.Sockets;
using RdsTunnel.Databases;
using RdsTunnel.Tunnels.Local;
using RdsTunnel.Tunnels.Sessions;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Signs a tunnel's connections in to its database.</summary>
/// <param name="localTls">For tools that ask for TLS; null where they get none.</param>
internal sealed class ConnectionSignIn(IDatabaseEngine engine, Login login, LocalTls? localTls)
{
    /// <summary>How long a tool may take to read why it was not signed in.</summary>
    private static readonly TimeSpan LastWordsTime = TimeSpan.FromSeconds(2);

    /// <param name="socket">The tool's. It stays open, unless nobody is signed in: then the tool has been told.</param>
    /// <param name="wait">Waits for what a person may have to do first, as long as the tool is there.</param>
    /// <param name="connect">Connects to the target.</param>
    /// <returns>Null when the tool wanted no more than what has been done.</returns>
    /// <exception cref="LoginException">Nobody is signed in.</exception>
    /// <exception cref="ToolGoneException">The tool is gone.</exception>
    public async Task<(PortConnection Connection, SignedInPipe Pipe)?> RunAsync(
        Socket socket,
        Func<Func<CancellationToken, Task<DatabaseCredentials>>, CancellationToken, Task<DatabaseCredentials>> wait,
        Func<CancellationToken, Task<PortConnection>> connect,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        PortConnection? connection = null;
        SslStream? tls = null;
        SignedInPipe? pipe = null;
        var tool = new NetworkStream(socket, ownsSocket: false);
        try
        {
            var own = login with
            {
                Credentials = login.Credentials is { } source ? new WaitingCredentials(source, wait) : null,
                StartLocalTls = localTls is null ? null : StartTlsAsync,
            };
            if (await engine.SignInAsync(tool, DialAsync, own, cancellationToken).ConfigureAwait(false) is { } database)
            {
                pipe = new SignedInPipe(database, tls);
                return (connection!, pipe);
            }

            await ReleaseAsync(connection).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            await ReleaseAsync(connection).ConfigureAwait(false);
            if (e is LoginException { Error: not LoginError.NotTheProtocol })
            {
                await LetReadAsync(socket, time, cancellationToken).ConfigureAwait(false);
            }

            throw;
        }
        finally
        {
            if (pipe is null && tls is not null)
            {
                await tls.DisposeAsync().ConfigureAwait(false);
            }

            if (pipe?.ToolTls is null)
            {
                await tool.DisposeAsync().ConfigureAwait(false); // TLS goes on with it
            }
        }

        async Task<Stream> StartTlsAsync(Stream stream, CancellationToken token) =>
            tls = await localTls!.StartAsync(stream, token).ConfigureAwait(false);

        async Task<Stream> DialAsync(CancellationToken token)
        {
            // An engine that dials again has given the first one up.
            await ReleaseAsync(connection).ConfigureAwait(false);
            connection = null;
            connection = await WhileThereAsync(connect, token).ConfigureAwait(false);
            return new PipeStream(connection);
        }
    }

    private static async Task ReleaseAsync(PortConnection? connection)
    {
        if (connection is not null)
        {
            connection.Abort();
            await connection.Session.ReleaseAsync(connection).ConfigureAwait(false);
        }
    }

    // What a tool has sent and nobody has read would turn the end into a reset, and the reset would take the words with it.
    private static async Task LetReadAsync(Socket socket, TimeProvider time, CancellationToken cancellationToken)
    {
        using var enough = new CancellationTokenSource(LastWordsTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, enough.Token);
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            var rest = new byte[1024];
            while (await socket.ReceiveAsync(rest, either.Token).ConfigureAwait(false) > 0) { }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It has gone, or does not read.
        }
    }

    // Only the tool's leaving, and the tunnel's end, cancel a wait.
    private static async Task<T> WhileThereAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolGoneException("The tool closed its connection while it waited.", e);
        }
    }

    private sealed class WaitingCredentials(
        ILoginCredentials source,
        Func<Func<CancellationToken, Task<DatabaseCredentials>>, CancellationToken, Task<DatabaseCredentials>> wait
    ) : ILoginCredentials
    {
        public Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken) =>
            WhileThereAsync(token => wait(source.GetAsync, token), cancellationToken);

        // Nobody is waited for: the database has answered, and its answer is there to be told.
        public Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken) =>
            source.GetOthersAsync(refused, cancellationToken);
    }
}
