using System.Collections.Concurrent;
using RdsTunnel.Emulator.IdentityCenter;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.ConsoleLogin;

/// <summary>What <c>aws login</c> has given out. Thread-safe.</summary>
internal sealed class ConsoleLogins(CredentialStore credentials, TimeProvider time)
{
    public const string ClientId = "arn:aws:signin:::devtools/same-device";
    public const string Arn = "arn:aws:iam::111122223333:user/jane";
    public static readonly TimeSpan KeysLifetime = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, string> _keys = new(); // by refresh token: the thumbprint of the key that it is bound to

    /// <summary>A person has signed in, with this key in the program's hands.</summary>
    public ConsoleLogin Issue(string keyThumbprint)
    {
        var refreshToken = Grants.Random();
        _keys[refreshToken] = keyThumbprint;
        return new ConsoleLogin(credentials.Issue(Arn, time.GetUtcNow() + KeysLifetime), ClientId, refreshToken);
    }

    /// <summary>A refresh token is good for one use, by whoever has the key.</summary>
    public bool Use(string refreshToken, string keyThumbprint) => _keys.TryRemove(KeyValuePair.Create(refreshToken, keyThumbprint));

    public void RevokeAll() => _keys.Clear();
}

/// <summary>What a program keeps after <c>aws login</c>.</summary>
public sealed record ConsoleLogin(EmulatedCredential Keys, string ClientId, string RefreshToken);
