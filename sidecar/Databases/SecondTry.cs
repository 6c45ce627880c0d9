namespace RdsTunnel.Databases;

/// <summary>Signs in with what is known, and once more with what has become known since: a secret may be rotated between
/// its reading and its use.</summary>
internal static class SecondTry
{
    /// <exception cref="RefusedException">The database says no, and there is nothing else to try.</exception>
    public static async Task<T> RunAsync<T>(
        ILoginCredentials source,
        Func<DatabaseCredentials, CancellationToken, Task<T>> signIn,
        CancellationToken cancellationToken
    )
    {
        // First of all: a person may have to sign in, and no database waits so long.
        using var credentials = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await signIn(credentials, cancellationToken).ConfigureAwait(false);
        }
        catch (RefusedException e) when (e.IsAboutThePassword)
        {
            using var others = await source.GetOthersAsync(credentials, cancellationToken).ConfigureAwait(false);
            if (others is null)
            {
                throw;
            }

            return await signIn(others, cancellationToken).ConfigureAwait(false);
        }
    }
}
