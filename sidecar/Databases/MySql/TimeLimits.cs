namespace RdsTunnel.Databases.MySql;

/// <summary>How long the steps of a sign-in may take. Dialling and credentials are not among them: they may wait for a person, and end by themselves.</summary>
internal sealed class TimeLimits(TimeProvider time)
{
    /// <summary>A program that connects ahead of time and says nothing holds a connection to the database.</summary>
    private static readonly TimeSpan Tool = TimeSpan.FromSeconds(60);

    /// <summary>A busy server needs seconds; a security group that drops packets says nothing for minutes.</summary>
    private static readonly TimeSpan Database = TimeSpan.FromSeconds(30);

    /// <exception cref="LoginException"/>
    public Task<T> OfToolAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken) =>
        LimitAsync(Tool, "The tool", step, cancellationToken);

    /// <exception cref="LoginException"/>
    public Task<T> OfDatabaseAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken) =>
        LimitAsync(Database, "The database", step, cancellationToken);

    private async Task<T> LimitAsync<T>(TimeSpan limit, string who, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return await step(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new LoginException(LoginError.TimedOut, $"{who} didn't answer within {limit.TotalSeconds:0} s, so the sign-in was given up.", e);
        }
    }
}
