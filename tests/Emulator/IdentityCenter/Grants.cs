using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace RdsTunnel.Emulator.IdentityCenter;

/// <summary>Everything that Identity Center has given out: registrations, codes, tokens. Thread-safe.</summary>
internal sealed class Grants
{
    private readonly ConcurrentDictionary<string, RegisteredClient> _clients = new();
    private readonly ConcurrentDictionary<string, PendingAuthorization> _pending = new(); // by device code, or by authorization code
    private readonly ConcurrentDictionary<string, AccessToken> _tokens = new();
    private readonly ConcurrentDictionary<string, string> _refreshTokens = new(); // the client that may use it

    public RegisteredClient Register(RegisteredClient client) => _clients[client.ClientId] = client;

    public RegisteredClient? FindClient(string clientId) => _clients.GetValueOrDefault(clientId);

    public PendingAuthorization Add(PendingAuthorization authorization) => _pending[authorization.Code] = authorization;

    public PendingAuthorization? Find(string code) => _pending.GetValueOrDefault(code);

    public PendingAuthorization? FindByUserCode(string userCode) => _pending.Values.FirstOrDefault(pending => pending.UserCode == userCode);

    /// <summary>A code is good for one token.</summary>
    public bool Use(string code) => _pending.TryRemove(code, out _);

    public AccessToken IssueToken(DateTimeOffset expiresAt)
    {
        var token = new AccessToken(Random(), expiresAt);
        return _tokens[token.Value] = token;
    }

    public string IssueRefreshToken(string clientId)
    {
        var token = Random();
        _refreshTokens[token] = clientId;
        return token;
    }

    /// <summary>A refresh token is good for one use.</summary>
    public bool UseRefreshToken(string token, string clientId) => _refreshTokens.TryRemove(KeyValuePair.Create(token, clientId));

    public bool IsValid(string accessToken, DateTimeOffset now) => _tokens.TryGetValue(accessToken, out var token) && token.ExpiresAt > now;

    public bool Revoke(string accessToken) => _tokens.TryRemove(accessToken, out _);

    /// <summary>Everybody is signed out.</summary>
    public void RevokeAll()
    {
        RevokeTokens();
        _refreshTokens.Clear();
    }

    /// <summary>Everybody has to renew the access token.</summary>
    public void RevokeTokens() => _tokens.Clear();

    /// <summary>No program is registered any more.</summary>
    public void ForgetClients() => _clients.Clear();

    public static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}

internal sealed record RegisteredClient(
    string ClientId,
    string ClientSecret,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> GrantTypes,
    IReadOnlyList<string> RedirectUris
);

internal sealed record AccessToken(string Value, DateTimeOffset ExpiresAt);

/// <summary>A sign-in that a person has not finished yet.</summary>
internal sealed record PendingAuthorization(string Code, string ClientId, DateTimeOffset ExpiresAt)
{
    /// <summary>Of a device authorization.</summary>
    public string? UserCode { get; init; }

    /// <summary>Of an authorization code: to whom the browser goes back, and with what it was asked for.</summary>
    public string? RedirectUri { get; init; }

    public string? CodeChallenge { get; init; }

    /// <summary>Null until the person has decided.</summary>
    public bool? IsAllowed { get; set; }

    public DateTimeOffset LastAsked { get; set; }
}
