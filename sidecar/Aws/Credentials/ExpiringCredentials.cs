using Amazon.Runtime;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Credentials that are renewed ahead of their end. Whoever needs them at the same time
/// waits for one renewal. Thread-safe.</summary>
internal abstract class ExpiringCredentials(TimeProvider time) : AWSCredentials, IDisposable
{
    /// <summary>From then on they are renewed, though they still work: a request signed now may take a while to arrive.</summary>
    public static readonly TimeSpan RenewAhead = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _renewing = new(1, 1);
    private volatile Lease? _lease;
    private volatile Attempt _latest = new(default, default); // to renew

    protected TimeProvider Time => time;

    public void Dispose() => _renewing.Dispose();

    public override ImmutableCredentials GetCredentials() => throw new NotSupportedException("Calls are asynchronous only.");

    public override async Task<ImmutableCredentials> GetCredentialsAsync() =>
        (await GetLeaseAsync(RenewAhead).ConfigureAwait(false)).Credentials;

    /// <summary>Credentials that last so long, if such can be had; what is signed with them ends with them.</summary>
    public async Task<Lease> GetLeaseAsync(TimeSpan lasting)
    {
        if (_lease is { } lease && !IsToBeRenewed(lease, lasting))
        {
            return lease;
        }

        await _renewing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_lease is { } renewed && !IsToBeRenewed(renewed, lasting))
            {
                return renewed;
            }

            _latest = new Attempt(lasting, time.GetTimestamp());
            return _lease = await RenewAsync(lasting).ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is AwsException { Code: not AwsErrorCode.AccessEnded } or AmazonServiceException
                && _lease is { } last
                && last.ExpiresAt > time.GetUtcNow()
            )
        {
            // They still work. The next request tries again.
            return last;
        }
        catch (AwsException e)
        {
            e.IsOfCredentials = true;
            throw;
        }
        finally
        {
            _renewing.Release();
        }
    }

    // Some never last as long as they should, and others cannot be had at the moment: then not for each who asks.
    private bool IsToBeRenewed(Lease lease, TimeSpan lasting) =>
        lease.EndsWithin(RenewAhead, time)
        || (lease.EndsWithin(lasting, time) && (_latest.Lasting < lasting || time.GetElapsedTime(_latest.At) >= RenewAhead));

    /// <summary>The service says that what was given last is over, whatever was said of its end before: it is not given again.</summary>
    public void Forget()
    {
        if (Interlocked.Exchange(ref _lease, null) is { } lease)
        {
            OnForgotten(lease);
        }
    }

    /// <summary>What is kept elsewhere goes, too.</summary>
    protected virtual void OnForgotten(Lease lease) { }

    /// <exception cref="AwsException">They cannot be had; <see cref="AwsException.NeedsSignIn"/> when only a person can help.</exception>
    /// <param name="lasting">What is kept elsewhere is not taken if it ends within that time.</param>
    protected abstract Task<Lease> RenewAsync(TimeSpan lasting);

    private sealed record Attempt(TimeSpan Lasting, long At);
}
