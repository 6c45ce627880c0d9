using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Tunnels;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Diagnosis;

/// <summary>Talks to the database through the tunnel, as far as its certificate. No user name and no query is ever sent.</summary>
internal static class DatabaseCheck
{
    /// <summary>An agent whose packets are dropped on the way dials for two minutes; nobody waits that long.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    public static async Task<(CheckStep Connection, CheckStep Certificate)> RunAsync(
        TunnelManager tunnels, TunnelRequest request, int localPort, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(AnswerTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        using var socket = new TcpClient { NoDelay = true };
        var where = $"{request.Host ?? request.Target}:{request.Port}";
        var greeting = Greeting.Unknown;
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, localPort, either.Token).ConfigureAwait(false);
            greeting = await DatabaseProtocol.Of(request.Port, time).ReachTlsAsync(socket.GetStream(), either.Token).ConfigureAwait(false);
            if (greeting == Greeting.Tls)
            {
                return await ReadCertificateAsync(socket.GetStream(), request.Host ?? "localhost", where, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed($"{where} did not answer within {AnswerTime.TotalSeconds:0} s.",
                "Most likely a security group or a network ACL drops what the jump host sends. The database may be stopped, too.");
        }
        catch (Exception e) when (e is IOException or SocketException or EndOfStreamException)
        {
            // The agent has said why, perhaps.
            var fault = tunnels.List().Select(tunnel => tunnel.Fault ?? tunnel.LastReset).FirstOrDefault(each => each is not null);
            return Failed(fault?.Message ?? $"{where} closed the connection without an answer.", "Compare host and port with the database's; look whether it is available.");
        }

        return greeting switch
        {
            Greeting.NoTls => (new(CheckStepName.Connection, CheckOutcome.Passed, $"{where} answers."),
                new(CheckStepName.Certificate, CheckOutcome.Unknown, "The database offers no TLS: between jump host and database nothing is encrypted.", "Turn TLS on at the database.")),
            Greeting.Answer => (new(CheckStepName.Connection, CheckOutcome.Passed, $"{where} answers."),
                new(CheckStepName.Certificate, CheckOutcome.Unknown, "How TLS begins on this port is not known, so no certificate was read.")),
            _ => (new(CheckStepName.Connection, CheckOutcome.Unknown, $"{where} was not refused, but says nothing by itself."),
                new(CheckStepName.Certificate, CheckOutcome.Unknown, "How TLS begins on this port is not known, so no certificate was read.")),
        };
    }

    private static async Task<(CheckStep, CheckStep)> ReadCertificateAsync(NetworkStream stream, string host, string where, CancellationToken cancellationToken)
    {
        var seen = new List<CheckStep>();
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    // It is looked at, no more: whatever it is, the connection ends here.
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        seen.Add(Judge((X509Certificate2?)certificate, chain, errors, host));
                        return false;
                    },
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (AuthenticationException)
        {
            return (new(CheckStepName.Connection, CheckOutcome.Passed, $"{where} answers."),
                seen.Count > 0 ? seen[0] : new(CheckStepName.Certificate, CheckOutcome.Unknown, "TLS could not be agreed on."));
        }

        throw new InvalidOperationException("A certificate that was refused was accepted.");
    }

    private static CheckStep Judge(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string host)
    {
        if (certificate is null)
        {
            return new(CheckStepName.Certificate, CheckOutcome.Failed, "The database shows no certificate.");
        }

        var what = $"Valid until {certificate.NotAfter:yyyy-MM-dd}, signed by {certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true)}";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return new(CheckStepName.Certificate, CheckOutcome.Failed, $"It is for {Names(certificate)}, not for {host}.",
                "Use the name that the certificate bears as the tunnel's host, or a certificate for this one.");
        }

        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, each) => all | each.Status) ?? X509ChainStatusFlags.NoError;
        return status.HasFlag(X509ChainStatusFlags.NotTimeValid)
            ? new(CheckStepName.Certificate, CheckOutcome.Failed, $"It is valid from {certificate.NotBefore:yyyy-MM-dd} to {certificate.NotAfter:yyyy-MM-dd} only.", "Rotate the database's certificate.")
            : errors == SslPolicyErrors.None
                ? new(CheckStepName.Certificate, CheckOutcome.Passed, $"{what}; it bears the name {host}.")
                : new(CheckStepName.Certificate, CheckOutcome.Passed, $"{what}; it bears the name {host}. This computer does not know who signed it.",
                    "Give your tools the bundle that RDS publishes: https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem");
    }

    private static string Names(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault()?.EnumerateDnsNames().ToList() is { Count: > 0 } names
            ? string.Join(", ", names.Take(3)) : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    private static (CheckStep, CheckStep) Failed(string message, string advice) => (
        new(CheckStepName.Connection, CheckOutcome.Failed, message, advice),
        new(CheckStepName.Certificate, CheckOutcome.Unknown, "Not looked at, because there is no connection."));
}
