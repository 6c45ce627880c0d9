using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Databases;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>User and password of a secret, read when a connection needs them. Thread-safe.</summary>
internal sealed class SecretCredentials : ILoginCredentials
{
    /// <summary>Tools open several connections at once; one that comes later gets what the secret says then.</summary>
    private static readonly TimeSpan KeptTime = TimeSpan.FromSeconds(15);

    private readonly IInventories _inventories;
    private readonly TunnelRequest _request;
    private readonly ITimer _forgetting;
    private readonly Lock _gate = new();
    private Task<DatabaseSecret>? _reading; // guarded by _gate

    public SecretCredentials(IInventories inventories, TunnelRequest request, TimeProvider time)
    {
        _inventories = inventories;
        _request = request;
        _forgetting = time.CreateTimer(
            static self => ((SecretCredentials)self!).Forget(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    public async Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken)
    {
        Task<DatabaseSecret> reading;
        lock (_gate)
        {
            if (_reading is null || _reading.IsFaulted || _reading.IsCanceled)
            {
                // All who wait share it, so that nobody's leaving ends it.
                _reading = _inventories.InventoryOf(_request.Scope).ReadSecretAsync(_request.SecretId!, CancellationToken.None);
                _forgetting.Change(KeptTime, Timeout.InfiniteTimeSpan);
            }

            reading = _reading;
        }

        return CredentialsOf(await WaitForAsync(reading, cancellationToken).ConfigureAwait(false));
    }

    // While a secret is rotated, what was read a moment ago may be wrong already.
    public async Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken)
    {
        await ForgetAsync(refused).ConfigureAwait(false);
        DatabaseCredentials others;
        try
        {
            others = await GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (AwsException)
        {
            return null; // the database's own words say more
        }

        if (!others.AreSameAs(refused))
        {
            return others;
        }

        others.Dispose();
        await ForgetAsync(refused).ConfigureAwait(false);
        return null;
    }

    private DatabaseCredentials CredentialsOf(DatabaseSecret secret) =>
        new(
            _request.User ?? secret.UserName,
            secret.Password,
            $"The password is the one of the secret {_request.SecretId}. Check that it is this database's."
        )
        {
            Source = $"The secret {_request.SecretId}",
        };

    private async Task<DatabaseSecret> WaitForAsync(Task<DatabaseSecret> reading, CancellationToken cancellationToken)
    {
        try
        {
            return await reading.WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (AwsException e) when (!e.IsOfCredentials)
        {
            throw new AwsException(e.Code, $"The secret {_request.SecretId} couldn't be read. {e.Message}", e);
        }
    }

    // Not what somebody else has read since.
    private async Task ForgetAsync(DatabaseCredentials refused)
    {
        Task<DatabaseSecret>? known;
        lock (_gate)
        {
            known = _reading is { IsCompletedSuccessfully: true } ? _reading : null;
        }

        if (known is null)
        {
            return;
        }

        using var those = CredentialsOf(await known.ConfigureAwait(false));
        lock (_gate)
        {
            _reading = _reading == known && those.AreSameAs(refused) ? null : _reading;
        }
    }

    private void Forget()
    {
        lock (_gate)
        {
            _reading = null;
        }
    }
}
