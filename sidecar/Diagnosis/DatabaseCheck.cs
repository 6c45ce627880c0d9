using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RdsTunnel.Databases;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Diagnosis;

/// <summary>Talks to the database through the tunnel, as far as its certificate. No user name and no query is ever sent.</summary>
internal static class DatabaseCheck
{
    /// <summary>An agent whose packets are dropped on the way dials for two minutes; nobody waits that long.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    private const int MaxNameChars = 100;

    public static async Task<(CheckStep Connection, CheckStep Certificate)> RunAsync(
        TunnelManager tunnels,
        TunnelRequest request,
        int localPort,
        TimeProvider time,
        CancellationToken cancellationToken
    )
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
                return await ReadCertificateAsync(socket.GetStream(), request.Host ?? "localhost", where, either.Token)
                    .ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(
                $"{where} did not answer within {AnswerTime.TotalSeconds:0} s.",
                "A security group or network ACL probably blocks the jump host. The database may also be stopped."
            );
        }
        catch (Exception e) when (e is IOException or SocketException or EndOfStreamException)
        {
            // The agent has said why, perhaps.
            var fault = tunnels.List().Select(tunnel => tunnel.Fault ?? tunnel.LastReset).FirstOrDefault(each => each is not null);
            return Failed(
                fault?.Message ?? $"{where} closed the connection without a response.",
                "Check the host and port, and that the database is available."
            );
        }

        return greeting switch
        {
            Greeting.NoTls => (
                new(CheckStepName.Connection, CheckOutcome.Passed, $"{where} answers."),
                new(
                    CheckStepName.Certificate,
                    CheckOutcome.Unknown,
                    "The database doesn't support TLS: traffic between jump host and database isn't encrypted.",
                    "Turn on TLS for the database."
                )
            ),
            Greeting.Answer => (
                new(CheckStepName.Connection, CheckOutcome.Passed, $"{where} answers."),
                new(CheckStepName.Certificate, CheckOutcome.Unknown, "This port's protocol is unknown, so the certificate wasn't checked.")
            ),
            _ => (
                new(CheckStepName.Connection, CheckOutcome.Unknown, $"{where} accepted the connection."),
                new(CheckStepName.Certificate, CheckOutcome.Unknown, "This port's protocol is unknown, so the certificate wasn't checked.")
            ),
        };
    }

    private static async Task<(CheckStep, CheckStep)> ReadCertificateAsync(
        NetworkStream stream,
        string host,
        string where,
        CancellationToken cancellationToken
    )
    {
        CheckStep? seen = null;
        await CertificateLook
            .TakeAsync(stream, host, (certificate, chain, errors) => seen = Judge(certificate, chain, errors, host), cancellationToken)
            .ConfigureAwait(false);
        return (
            new(CheckStepName.Connection, CheckOutcome.Passed, $"{where} answers."),
            seen ?? new(CheckStepName.Certificate, CheckOutcome.Unknown, "The TLS handshake failed.")
        );
    }

    private static CheckStep Judge(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, string host)
    {
        if (certificate is null)
        {
            return new(CheckStepName.Certificate, CheckOutcome.Failed, "The database sent no certificate.");
        }

        var what = $"Valid until {certificate.NotAfter:yyyy-MM-dd}, issued by {NameIn(certificate, forIssuer: true)}";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return new(
                CheckStepName.Certificate,
                CheckOutcome.Failed,
                $"It is for {Names(certificate)}, not for {host}.",
                "Use the certificate's name as the tunnel's host, or install a certificate for this host."
            );
        }

        var status =
            chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, each) => all | each.Status) ?? X509ChainStatusFlags.NoError;
        return status.HasFlag(X509ChainStatusFlags.NotTimeValid)
                ? new(
                    CheckStepName.Certificate,
                    CheckOutcome.Failed,
                    $"It is only valid from {certificate.NotBefore:yyyy-MM-dd} to {certificate.NotAfter:yyyy-MM-dd}.",
                    "Rotate the database's certificate."
                )
            : errors == SslPolicyErrors.None
                ? new(
                    CheckStepName.Certificate,
                    CheckOutcome.Passed,
                    $"{what}; issued for {host}. Its authority is {Authority(chain!)}, which this computer trusts."
                )
            : IsOfRds(certificate, chain, out var authority)
                ? new(
                    CheckStepName.Certificate,
                    CheckOutcome.Passed,
                    $"{what}; issued for {host}. Its authority is {authority}, which is in the RDS bundle. Logins trust it; this computer doesn't.",
                    "Use the RDS certificate bundle in your tools: https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
                )
            : new(
                CheckStepName.Certificate,
                CheckOutcome.Passed,
                $"{what}; issued for {host}. Neither this computer nor the RDS bundle knows its authority.",
                "If the certificate is your own, add its issuer to your tools, and to ca_bundle of the AWS profile for logins."
            );
    }

    private static bool IsOfRds(X509Certificate2 certificate, X509Chain? sent, out string authority)
    {
        var isOfRds = TrustedChain.Build(certificate, sent, RdsAuthorities.All, out var chain);
        using (chain)
        {
            authority = isOfRds ? Authority(chain) : "";
            return isOfRds;
        }
    }

    private static string Authority(X509Chain chain) => NameIn(chain.ChainElements[^1].Certificate, forIssuer: false);

    private static string Names(X509Certificate2 certificate)
    {
        try
        {
            return
                certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault()?.EnumerateDnsNames().Take(3).ToList()
                    is { Count: > 0 } names
                ? string.Join(", ", names.Select(Said))
                : NameIn(certificate, forIssuer: false);
        }
        catch (CryptographicException)
        {
            return "a name that can't be read";
        }
    }

    private static string NameIn(X509Certificate2 certificate, bool forIssuer) =>
        Said(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer));

    // Whoever made the certificate has written what he wanted.
    private static string Said(string? name) => ForeignText.Quote(name, maxChars: MaxNameChars) is { Length: > 0 } said ? said : "nobody";

    private static (CheckStep, CheckStep) Failed(string message, string advice) =>
        (
            new(CheckStepName.Connection, CheckOutcome.Failed, message, advice),
            new(CheckStepName.Certificate, CheckOutcome.Unknown, "Not checked, because there is no connection.")
        );
}
