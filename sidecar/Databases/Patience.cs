namespace RdsTunnel.Databases;

/// <summary>A bound on how long one side may take with its part of a sign-in.</summary>
internal static class Patience
{
    /// <summary>Servers give a client as long (PostgreSQL's authentication_timeout).</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(60);

    /// <exception cref="LoginException">It took too long.</exception>
    public static async Task<T> WithinAsync<T>(
        Func<CancellationToken, Task<T>> work,
        string late,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var patience = new CancellationTokenSource(Time, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await work(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && patience.IsCancellationRequested)
        {
            throw new LoginException(LoginError.TimedOut, $"{late} within {Time.TotalSeconds:0} s.", e);
        }
    }
}
