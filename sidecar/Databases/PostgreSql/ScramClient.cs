using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>The client's side of SCRAM-SHA-256, with channel binding where the server offers it.
/// The password is not sent, and the server shows that it knows it.</summary>
/// <remarks><code>
/// client  gs2 header  n=,r=nonce
/// server  r=nonce…,s=salt,i=iterations
/// client  c=channel binding,r=nonce…,p=proof
/// server  v=signature
/// </code>RFC 5802, RFC 7677. The user is the startup message's.</remarks>
internal sealed class ScramClient
{
    private const string Plain = "SCRAM-SHA-256";
    private const string Plus = "SCRAM-SHA-256-PLUS";

    /// <summary>A server chooses 4,096; a million takes a second of a processor, and no more is given to it.</summary>
    private const int MaxIterations = 1_000_000;

    /// <summary>A signature that is not there yet.</summary>
    private byte[]? _serverSignature;

    private readonly DatabaseCredentials _credentials;
    private readonly string _gs2Header;
    private readonly byte[] _channelBinding;
    private readonly string _nonce;

    internal ScramClient(string mechanism, string gs2Header, byte[] channelBinding, DatabaseCredentials credentials, string? nonce = null)
    {
        Mechanism = mechanism;
        _gs2Header = gs2Header;
        _channelBinding = channelBinding;
        _credentials = credentials;
        _nonce = nonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
    }

    public string Mechanism { get; }

    /// <summary>The server has shown that it knows the password.</summary>
    public bool IsServerVerified { get; private set; }

    private string FirstBare => $"n=,r={_nonce}";

    /// <exception cref="LoginException">The server offers none that is known here.</exception>
    public static ScramClient Choose(IReadOnlyCollection<string> mechanisms, DatabaseCredentials credentials, X509Certificate? server)
    {
        var binding = ChannelBinding.EndPoint(server);
        return binding is not null && mechanisms.Contains(Plus) ? new ScramClient(Plus, "p=tls-server-end-point,,", binding, credentials)
            // "y" would tell a server that offers it that somebody has taken it out.
            : mechanisms.Contains(Plain) ? new ScramClient(Plain, binding is null ? "n,," : "y,,", [], credentials)
            : throw new LoginException(
                LoginError.DatabaseUnsupported,
                "The database offers no authentication that is supported here. It must accept SCRAM-SHA-256 for this user."
            );
    }

    public byte[] First() => Encoding.UTF8.GetBytes(_gs2Header + FirstBare);

    /// <param name="serverFirst">The server's first message.</param>
    /// <exception cref="LoginException">It is none.</exception>
    public byte[] Final(ReadOnlySpan<byte> serverFirst)
    {
        var text = Encoding.UTF8.GetString(serverFirst);
        var fields = text.Split(',');
        if (
            _serverSignature is not null
            || fields.Length < 3
            || !fields[0].StartsWith($"r={_nonce}", StringComparison.Ordinal)
            || fields[0].Length == _nonce.Length + 2
            || !fields[1].StartsWith("s=", StringComparison.Ordinal)
            || Bytes(fields[1][2..]) is not { Length: > 0 } salt
            || !fields[2].StartsWith("i=", StringComparison.Ordinal)
            || !int.TryParse(fields[2].AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MaxIterations
        )
        {
            throw PostgreSqlFrame.Malformed();
        }

        byte[] binding = [.. Encoding.UTF8.GetBytes(_gs2Header), .. _channelBinding];
        var withoutProof = $"c={Convert.ToBase64String(binding)},{fields[0]}";
        var authentication = Encoding.UTF8.GetBytes($"{FirstBare},{text},{withoutProof}");
        var password = SaslPrep.Prepare(_credentials.Password.Span);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        CryptographicOperations.ZeroMemory(password);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), authentication);
        for (var i = 0; i < signature.Length; i++)
        {
            signature[i] ^= clientKey[i];
        }

        _serverSignature = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), authentication);
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(signature)}");
    }

    /// <param name="serverFinal">The server's last message.</param>
    /// <exception cref="LoginException">The server does not know the password.</exception>
    public void Verify(ReadOnlySpan<byte> serverFinal)
    {
        var text = Encoding.UTF8.GetString(serverFinal).Split(',')[0];
        IsServerVerified =
            _serverSignature is not null
            && text.StartsWith("v=", StringComparison.Ordinal)
            && Bytes(text[2..]) is { } signature
            && CryptographicOperations.FixedTimeEquals(signature, _serverSignature);
        if (!IsServerVerified)
        {
            throw new LoginException(
                LoginError.ProtocolError,
                "The server couldn't prove that it knows the password: it isn't the database, or the database is damaged. The connection was closed."
            );
        }
    }

    private static byte[]? Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }
}
