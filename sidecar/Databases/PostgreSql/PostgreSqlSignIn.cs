using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Cryptography;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>One exchange with the database, from the startup message to its ReadyForQuery.</summary>
internal sealed class PostgreSqlSignIn(ToolConnection tool, SslStream database)
{
    private const int Ok = 0;
    private const int CleartextPassword = 3;
    private const int Md5Password = 5;

    /// <summary>Settings, notices, steps of the authentication: servers send two dozen.</summary>
    private const int MaxMessages = 1000;

    private byte[] _negotiated = [];
    private readonly List<byte> _early = [];
    private bool _hasAnswered;

    /// <summary>As the database has told it; null when it has not.</summary>
    public string? ServerVersion { get; private set; }

    /// <summary>Signs in, and passes on to the tool what concerns it. A tool hears nothing before the database has said
    /// yes: notices and settings wait until then, as clients don't take them any earlier, and another attempt can be made.</summary>
    /// <exception cref="RefusedException">The database says no.</exception>
    /// <exception cref="LoginException">The database is not understood.</exception>
    public async Task RunAsync(DatabaseCredentials credentials, CancellationToken cancellationToken)
    {
        ScramClient? scram = null;
        for (var messages = 0; messages < MaxMessages; messages++)
        {
            var frame = await PostgreSqlFrame.ReadAsync(database, cancellationToken).ConfigureAwait(false);
            ServerVersion = VersionIn(frame) ?? ServerVersion;
            switch (frame.Type)
            {
                case PostgreSqlFrame.Authentication:
                    var (kind, data) = Read(frame);
                    if (kind != Ok)
                    {
                        await AnswerAsync(kind, data, credentials, ref scram, cancellationToken).ConfigureAwait(false);
                        break;
                    }

                    if (scram is { IsServerVerified: false })
                    {
                        throw PostgreSqlFrame.Malformed();
                    }

                    await tool.WriteAsync((byte[])[.. _negotiated, .. frame.ToBytes(), .. _early], cancellationToken).ConfigureAwait(false);
                    await PassAsync(credentials, cancellationToken).ConfigureAwait(false);
                    return;
                case PostgreSqlFrame.ErrorResponse:
                    throw new RefusedException(frame.ToBytes(), ErrorResponse.Read(frame, credentials))
                    {
                        IsAboutThePassword = _hasAnswered,
                    };
                case PostgreSqlFrame.NegotiateProtocolVersion:
                    _negotiated = frame.ToBytes(); // pgbouncer may say it twice, and clients take it once
                    break;
                case PostgreSqlFrame.Notice or PostgreSqlFrame.ParameterStatus:
                    KeepEarly(frame);
                    break;
                default:
                    throw PostgreSqlFrame.Malformed();
            }
        }

        throw PostgreSqlFrame.Malformed();
    }

    // Whatever it is: it is between tool and database by now.
    private async Task PassAsync(DatabaseCredentials credentials, CancellationToken cancellationToken)
    {
        for (var messages = 0; messages < MaxMessages; messages++)
        {
            var frame = await PostgreSqlFrame.ReadAsync(database, cancellationToken).ConfigureAwait(false);
            ServerVersion = VersionIn(frame) ?? ServerVersion;
            switch (frame.Type)
            {
                case PostgreSqlFrame.ErrorResponse:
                    throw new RefusedException(frame.ToBytes(), ErrorResponse.Read(frame, credentials));
                case PostgreSqlFrame.Authentication:
                    throw PostgreSqlFrame.Malformed();
            }

            await tool.WriteAsync(frame.ToBytes(), cancellationToken).ConfigureAwait(false);
            if (frame.Type == PostgreSqlFrame.ReadyForQuery)
            {
                return;
            }
        }

        throw PostgreSqlFrame.Malformed();
    }

    /// <summary>For a tool that signs in by itself. Only channel binding is left out of what the
    /// database offers: the tool's own end has no TLS to bind to.</summary>
    /// <exception cref="RefusedException">The database says no.</exception>
    /// <exception cref="LoginException">The database is not understood.</exception>
    public async Task PassFirstAnswerAsync(CancellationToken cancellationToken)
    {
        for (var messages = 0; messages < MaxMessages; messages++)
        {
            var frame = await PostgreSqlFrame.ReadAsync(database, cancellationToken).ConfigureAwait(false);
            switch (frame.Type)
            {
                case PostgreSqlFrame.NegotiateProtocolVersion or PostgreSqlFrame.Notice:
                    await tool.WriteAsync(frame.ToBytes(), cancellationToken).ConfigureAwait(false);
                    break;
                case PostgreSqlFrame.Authentication:
                    var (kind, data) = Read(frame);
                    await tool.WriteAsync(
                            kind == SaslMessages.Sasl ? SaslMessages.WithoutChannelBinding(data).ToBytes() : frame.ToBytes(),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                    return;
                case PostgreSqlFrame.ErrorResponse:
                    throw new RefusedException(frame.ToBytes(), ErrorResponse.Read(frame, null));
                default:
                    throw PostgreSqlFrame.Malformed();
            }
        }

        throw PostgreSqlFrame.Malformed();
    }

    private static (int Kind, ReadOnlyMemory<byte> Data) Read(PostgreSqlFrame frame) =>
        frame.Body.Length < 4 ? throw PostgreSqlFrame.Malformed() : (BinaryPrimitives.ReadInt32BigEndian(frame.Body.Span), frame.Body[4..]);

    private void KeepEarly(PostgreSqlFrame frame)
    {
        _early.AddRange(frame.ToBytes());
        if (_early.Count > PostgreSqlFrame.MaxBodyBytes)
        {
            throw PostgreSqlFrame.Malformed();
        }
    }

    private static string? VersionIn(PostgreSqlFrame frame)
    {
        if (frame.Type != PostgreSqlFrame.ParameterStatus)
        {
            return null;
        }

        var rest = frame.Body.Span;
        return PostgreSqlFrame.ReadText(ref rest) == "server_version" ? PostgreSqlFrame.ReadText(ref rest) : null;
    }

    private Task AnswerAsync(
        int kind,
        ReadOnlyMemory<byte> data,
        DatabaseCredentials credentials,
        ref ScramClient? scram,
        CancellationToken cancellationToken
    )
    {
        _hasAnswered = true;
        switch (kind)
        {
            case CleartextPassword:
                return SendAsync([.. credentials.Password.Span, 0], cancellationToken);
            case Md5Password when data.Length == 4:
                return SendAsync(Md5Answer.Create(credentials, data.Span), cancellationToken);
            case SaslMessages.Sasl when scram is null:
                scram = ScramClient.Choose(SaslMessages.Mechanisms(data), credentials, database.RemoteCertificate);
                return SendAsync(SaslMessages.Initial(scram.Mechanism, scram.First()), cancellationToken);
            case SaslMessages.Continue when scram is not null:
                return SendAsync(scram.Final(data.Span), cancellationToken);
            case SaslMessages.Final when scram is not null:
                scram.Verify(data.Span);
                return Task.CompletedTask;
            default:
                throw new LoginException(
                    LoginError.DatabaseUnsupported,
                    $"The database asks this user for an authentication that isn't supported here (code {kind}). Supported are passwords (also IAM's), MD5 and SCRAM-SHA-256."
                );
        }
    }

    private async Task SendAsync(byte[] body, CancellationToken cancellationToken)
    {
        var message = new PostgreSqlFrame(PostgreSqlFrame.Password, body).ToBytes();
        try
        {
            await database.WriteAsync(message, cancellationToken).ConfigureAwait(false);
            await database.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
            CryptographicOperations.ZeroMemory(body);
        }
    }
}
