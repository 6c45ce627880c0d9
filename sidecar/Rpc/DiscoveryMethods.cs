using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>The methods that find databases, jump hosts, and passwords.</summary>
public sealed class DiscoveryMethods(
    IDatabaseFinder databases,
    IJumpHostFinder jumpHosts,
    JumpHostMemory memory,
    IInventories inventories,
    IamTokens tokens
)
{
    private const int MaxScopes = 64;

    /// <summary>Databases in one notification: below 200 kB of them.</summary>
    private const int MaxDatabasesAtOnce = 100;

    /// <summary>Of one list, more than any client shows. With it, no notification is ever dropped:
    /// as many may wait as there can be.</summary>
    private const int MaxDatabases = 50_000;

    /// <summary>As long as Secrets Manager takes it.</summary>
    private const int MaxSecretIdChars = 2048;

    private const int MaxWaiting = (MaxDatabases / MaxDatabasesAtOnce) + 10_000;

    internal void AddTo(IRpcMethods methods)
    {
        methods.AddAside(RpcMethods.ListDatabases, MaxWaiting, ListDatabasesAsync);
        methods.AddAside(RpcMethods.ListJumpHosts, ListJumpHostsAsync);
        methods.AddAside(RpcMethods.ChooseJumpHost, ChooseJumpHostAsync);
        methods.AddAside(RpcMethods.CreateIamToken, CreateIamTokenAsync);
        methods.AddAside(RpcMethods.ListSecrets, ListSecretsAsync);
        methods.AddAside(RpcMethods.ReadSecret, ReadSecretAsync);
    }

    private async Task<ListDatabasesResult> ListDatabasesAsync(
        ListDatabasesParams parameters,
        IProgress<DatabasesFound> progress,
        CancellationToken cancellationToken
    )
    {
        if (parameters.Scopes.Count is 0 or > MaxScopes)
        {
            throw ParamsReader.Invalid("scopes", $"has {parameters.Scopes.Count} scopes; it must be 1 to {MaxScopes}");
        }

        var (found, failures) = (0, 0);
        AwsScope[] scopes = [.. parameters.Scopes.Select(scope => scope.ToAws())];
        await foreach (var batch in databases.FindAsync(scopes, parameters.Refresh, cancellationToken).ConfigureAwait(false))
        {
            found += batch.Databases.Count;
            failures += batch.Failure is null ? 0 : 1;
            if (found > MaxDatabases)
            {
                throw new TunnelException(
                    TunnelErrorCode.InvalidRequest,
                    $"There are more than {MaxDatabases} databases. Search fewer regions at once."
                );
            }

            foreach (
                var some in batch.Databases.Count == 0
                    ?
                    [
                        [],
                    ]
                    : batch.Databases.Chunk(MaxDatabasesAtOnce)
            )
            {
                progress.Report(new(some, batch.Failure));
            }
        }

        return new ListDatabasesResult(found, failures);
    }

    private async Task<JumpHostList> ListJumpHostsAsync(ListJumpHostsParams parameters, CancellationToken cancellationToken)
    {
        var database = parameters.Database with
        {
            Host = TunnelRules.Host.Checked(parameters.Database.Host),
            Port = TunnelRules.Port.Checked(parameters.Database.Port),
        };
        var found = await jumpHosts
            .FindAsync(
                parameters.Scope.ToAws(),
                database,
                TunnelRules.JumpHostTag.Checked(parameters.JumpHostTag),
                parameters.Refresh,
                cancellationToken
            )
            .ConfigureAwait(false);
        return found.ToShow();
    }

    private Task ChooseJumpHostAsync(ChooseJumpHostParams parameters, CancellationToken cancellationToken)
    {
        var (host, port) = (TunnelRules.Host.Checked(parameters.Host), TunnelRules.Port.Checked(parameters.Port));
        if (parameters.Target is { } target && !JumpHostTarget.IsOne(target))
        {
            throw ParamsReader.Invalid("target", "is not a jump host ID: i-…, mi-… or ecs:…");
        }

        memory.Choose(parameters.Scope.ToAws(), host, port, parameters.Target);
        return Task.CompletedTask;
    }

    private Task<IamToken> CreateIamTokenAsync(CreateIamTokenParams parameters, CancellationToken cancellationToken)
    {
        var (host, port) = (TunnelRules.Host.Checked(parameters.Host), TunnelRules.Port.Checked(parameters.Port));
        return tokens.CreateAsync(parameters.Scope.ToAws(), host, port, parameters.User, cancellationToken);
    }

    private async Task<ListSecretsResult> ListSecretsAsync(ListSecretsParams parameters, CancellationToken cancellationToken) =>
        new(await inventories.InventoryOf(parameters.Scope.ToAws()).ListSecretsAsync(cancellationToken).ConfigureAwait(false));

    private Task<DatabaseSecret> ReadSecretAsync(ReadSecretParams parameters, CancellationToken cancellationToken) =>
        parameters.SecretId.Length is > 0 and <= MaxSecretIdChars
            ? inventories.InventoryOf(parameters.Scope.ToAws()).ReadSecretAsync(parameters.SecretId, cancellationToken)
            : throw ParamsReader.Invalid("secretId", $"has {parameters.SecretId.Length} characters; it must be 1 to {MaxSecretIdChars}");
}
