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

    protected TimeProvider Time => time;

    public void Dispose() => _renewing.Dispose();

    public override ImmutableCredentials GetCredentials() => throw new NotSupportedException("Calls are asynchronous only.");

    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        if (_lease is { } lease && !lease.IsDue(time))
        {
            return lease.Credentials;
        }

        await _renewing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_lease is { } renewed && !renewed.IsDue(time))
            {
                return renewed.Credentials;
            }

            _lease = await RenewAsync().ConfigureAwait(false);
            return _lease.Credentials;
        }
        catch (Exception e) when (e is AwsException or AmazonServiceException && _lease is { } last && last.ExpiresAt > time.GetUtcNow())
        {
            // They still work. The next request tries again.
            return last.Credentials;
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
    protected abstract Task<Lease> RenewAsync();
}
