namespace RdsTunnel.Databases.Tests.Support;

/// <summary>Counts how often a secret was asked for.</summary>
internal sealed class FakeLogin : ILoginCredentials
{
    public int Asked { get; private set; }

    public Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken)
    {
        Asked++;
        return Task.FromResult(new DatabaseCredentials("app", "s3cret-of-app"));
    }

    public Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken) =>
        Task.FromResult<DatabaseCredentials?>(null);
}
