using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace RdsTunnel.Emulator.Signing;

/// <summary>The identities that may sign requests: those that were there from the start, and the
/// temporary ones given out since. Thread-safe.</summary>
internal sealed class CredentialStore(IEnumerable<EmulatedCredential> permanent)
{
    private readonly ConcurrentDictionary<string, EmulatedCredential> _credentials = new(
        permanent.Select(credential => KeyValuePair.Create(credential.AccessKeyId, credential))
    );

    public EmulatedCredential? Find(string accessKeyId) => _credentials.GetValueOrDefault(accessKeyId);

    /// <summary>Temporary credentials for an identity.</summary>
    /// <param name="arn">Who it is: <c>arn:aws:sts::111122223333:assumed-role/…</c>.</param>
    /// <param name="grant">Null when it may do all that is not denied.</param>
    public EmulatedCredential Issue(
        string arn,
        DateTimeOffset expiresAt,
        IReadOnlyList<string>? deniedActions = null,
        AccessGrant? grant = null
    )
    {
        var credential = new EmulatedCredential(
            $"ASIA{RandomNumberGenerator.GetHexString(16)}",
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(30)),
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(96)),
            expiresAt,
            deniedActions
        )
        {
            Arn = arn,
            Grant = grant,
        };
        return _credentials[credential.AccessKeyId] = credential;
    }

    /// <summary>All temporary credentials are over, as if their time had come.</summary>
    public void ExpireIssued(DateTimeOffset now)
    {
        foreach (var (id, credential) in _credentials.Where(pair => pair.Value.SessionToken is not null))
        {
            _credentials[id] = credential with { ExpiresAt = now };
        }
    }
}
