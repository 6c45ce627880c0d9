using System.Net;
using System.Net.Sockets;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Diagnosis;

/// <summary>Waits until a database answers through a tunnel: to its first words, or, where the tunnel signs in, to a sign-in.</summary>
/// <param name="usualPort">The port that this kind of database listens on as a rule: it says which protocol is spoken.</param>
public sealed class DatabaseAnswer(ITunnelList tunnels, int usualPort, TimeProvider time)
{
    /// <summary>An agent whose packets are dropped on the way dials for two minutes; nobody waits that long.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="database">The database's own name, for a tunnel that signs in; null for the user's.</param>
    /// <returns>Whether the database offers TLS; false where the tunnel's login speaks it.</returns>
    /// <exception cref="TunnelException">It has not answered in time, or refused the sign-in.</exception>
    public async Task<bool> WaitAsync(TunnelInfo tunnel, string? database, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(patience, time);
        while (true)
        {
            try
            {
                return await AskAsync(tunnel, database, cancellationToken).ConfigureAwait(false);
            }
            catch (NoAnswerException) when (!end.IsCancellationRequested)
            {
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
            catch (NoAnswerException e)
            {
                throw new TunnelException(TunnelErrorCode.TargetUnreachable, $"{e.Message} Waited {patience.TotalSeconds:0} s.", e);
            }
        }
    }

    private async Task<bool> AskAsync(TunnelInfo tunnel, string? database, CancellationToken cancellationToken)
    {
        var where = $"{tunnel.Request.Host ?? tunnel.Request.Target}:{tunnel.Request.Port}";
        using var patience = new CancellationTokenSource(AnswerTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        using var socket = new TcpClient { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, tunnel.LocalPort, either.Token).ConfigureAwait(false);
            var stream = socket.GetStream();
            if (tunnel.Request.Login is not null)
            {
                await SignInGreeting
                    .Of(usualPort)
                    .SendAsync(stream, tunnel.Request.User ?? "rds-tunnel", database, either.Token)
                    .ConfigureAwait(false);
                return false;
            }

            return await DatabaseProtocol.Of(usualPort, time).ReachTlsAsync(stream, either.Token).ConfigureAwait(false) == Greeting.Tls
                && await CertificateLook
                    .TakeAsync(stream, tunnel.Request.Host ?? "localhost", (_, _, _) => { }, either.Token)
                    .ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NoAnswerException(
                $"{where} did not answer within {AnswerTime.TotalSeconds:0} s. A security group or network ACL may block the jump host, or the database may be stopped.",
                e
            );
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The tunnel knows why, as a rule.
            var now = tunnels.Find(tunnel.Id);
            throw new NoAnswerException((now?.Fault ?? now?.LastReset)?.Message ?? $"{where} closed the connection without a response.", e);
        }
    }
}

/// <summary>Nothing has answered yet.</summary>
internal sealed class NoAnswerException(string message, Exception? innerException = null) : Exception(message, innerException);
