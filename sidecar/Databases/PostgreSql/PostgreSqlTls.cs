using System.Globalization;
using System.Net.Security;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>TLS to one database: asked for first, as every version knows it, or begun at once, which
/// PostgreSQL 17 and later allow and which saves a round trip. Thread-safe.</summary>
/// <remarks>Older servers take a TLS handshake for a broken startup message, so it is the version that
/// a connection was told that decides on the next ones.
/// <see href="https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL"/></remarks>
internal sealed class PostgreSqlTls(TimeProvider time)
{
    private const byte Yes = (byte)'S';
    private const byte No = (byte)'N';
    private const int FirstDirectVersion = 17;

    private const int Unknown = 0;
    private const int Possible = 1;
    private const int Refused = 2;

    /// <summary>A proxy may tell its database's version, and wait for a startup message.</summary>
    private static readonly TimeSpan DirectTime = TimeSpan.FromSeconds(5);

    /// <summary>By ALPN, where TLS begins without a question.</summary>
    public static readonly SslApplicationProtocol Protocol = new("postgresql");
    private static readonly byte[] Request = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

    private int _direct = Unknown;

    /// <exception cref="LoginException">There is no TLS to be had, or none that is safe.</exception>
    public async Task<SslStream> ConnectAsync(DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _direct) == Possible)
        {
            if (await ConnectDirectlyAsync(dial, login, cancellationToken).ConfigureAwait(false) is { } direct)
            {
                return direct;
            }

            Volatile.Write(ref _direct, Refused);
        }

        var database = await dial(cancellationToken).ConfigureAwait(false);
        return await Patience
            .WithinAsync(token => AskAsync(database, login, token), "The database didn't begin with TLS", time, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <param name="version">As the database tells it: <c>17.4 (Debian 17.4-1)</c>.</param>
    public void OnVersion(string version)
    {
        var major = version.AsSpan(0, version.AsSpan().IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : version.Length);
        if (int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= FirstDirectVersion)
        {
            Interlocked.CompareExchange(ref _direct, Possible, Unknown);
        }
    }

    // Null when it cannot be done. A certificate that is refused is refused in either way.
    private async Task<SslStream?> ConnectDirectlyAsync(DialDatabase dial, Login login, CancellationToken cancellationToken)
    {
        var database = await dial(cancellationToken).ConfigureAwait(false);
        using var enough = new CancellationTokenSource(DirectTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, enough.Token);
        try
        {
            var tls = await DatabaseTls.AuthenticateAsync(database, login, Protocol, either.Token).ConfigureAwait(false);
            if (tls.NegotiatedApplicationProtocol == Protocol)
            {
                return tls;
            }

            await tls.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
            when (e is IOException or OperationCanceledException or LoginException { Error: LoginError.NoTls }
                && !cancellationToken.IsCancellationRequested
            )
        {
            return null;
        }
    }

    // Exactly one byte is read in plain text: nothing that somebody slips in before TLS is taken for the database's.
    private static async Task<SslStream> AskAsync(Stream database, Login login, CancellationToken cancellationToken)
    {
        try
        {
            await database.WriteAsync(Request, cancellationToken).ConfigureAwait(false);
            await database.FlushAsync(cancellationToken).ConfigureAwait(false);
            var answer = new byte[1];
            await database.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
            if (answer[0] != Yes)
            {
                throw answer[0] switch
                {
                    No => new LoginException(
                        LoginError.NoTls,
                        "The database doesn't support TLS, so no password is sent to it. Turn on TLS for the database."
                    ),
                    // Before TLS, so whoever is in between may have written what follows: it is left unread.
                    PostgreSqlFrame.ErrorResponse => new LoginException(
                        LoginError.DatabaseGone,
                        "The database answered the request for TLS with an error, so it may have no room for another connection. Check the database's own log."
                    ),
                    _ => PostgreSqlFrame.Malformed(),
                };
            }
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return await DatabaseTls.AuthenticateAsync(database, login, null, cancellationToken).ConfigureAwait(false);
    }
}
