using Amazon.Runtime;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The credentials that an access request gives. They last a quarter of an hour; others are fetched before they end, for
/// as long as the request holds. They are in memory only. Thread-safe.</summary>
/// <param name="first">What was given when the request was found approved.</param>
/// <param name="renew">Fetches others.</param>
internal sealed class AccessTokenCredentials(string requestId, Lease first, Func<Task<Lease>> renew, TimeProvider time)
    : CallerCredentials,
        IDisposable
{
    private readonly AccessToken _token = new(first, renew, time);
    private volatile StaticKeys? _latest;

    public override StaticKeys? Latest => _latest;

    public override object LatestSource => requestId;

    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        var keys = await _token.GetCredentialsAsync().ConfigureAwait(false);
        _latest = new StaticKeys(keys.AccessKey, keys.SecretKey, keys.Token);
        return keys;
    }

    public override bool Forget()
    {
        _token.Forget();
        return true;
    }

    public void Dispose() => _token.Dispose();

    private sealed class AccessToken(Lease first, Func<Task<Lease>> renew, TimeProvider time) : ExpiringCredentials(time)
    {
        private Lease? _first = first; // exchanged atomically

        protected override Task<Lease> RenewAsync(TimeSpan lasting) =>
            Interlocked.Exchange(ref _first, null) is { } given ? Task.FromResult(given) : renew();
    }
}
