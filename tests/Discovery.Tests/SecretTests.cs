using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Discovery.Tests;

public sealed class SecretTests
{
    [Fact]
    public async Task ListSecrets_SeveralPages_TellsNamesAndArnsAndNoValue()
    {
        await using var account = await Account.StartAsync([Worlds.CachesAndWarehouses]);
        var secrets = await account.Inventory.ListSecretsAsync(CancellationToken.None);
        Assert.Contains(secrets, secret => secret.Arn == "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1");
        Assert.Contains(secrets, secret => secret.Name == "shop");
        Assert.Equal(3, secrets.Count);
        Assert.DoesNotContain(secrets, secret => secret.ToString().Contains("battery", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ListSecrets_IsDenied_NamesThePermission()
    {
        await using var account = await Account.StartAsync([Worlds.CachesAndWarehouses], null, "secretsmanager:ListSecrets");
        var e = await Assert.ThrowsAsync<AwsException>(() => account.Inventory.ListSecretsAsync(CancellationToken.None));
        Assert.Equal(AwsErrorCode.AccessDenied, e.Code);
        Assert.Contains("secretsmanager:ListSecrets", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadSecret_RdsMasterSecretByArn_TellsUserAndPassword()
    {
        await using var account = await Account.StartAsync([Worlds.CachesAndWarehouses]);
        var secret = await account.Inventory.ReadSecretAsync(
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1",
            CancellationToken.None
        );
        Assert.Equal(new DatabaseSecret("correct horse", "admin"), secret);
    }

    [Fact]
    public async Task ReadSecret_ByName_TellsAllFields()
    {
        await using var account = await Account.StartAsync([Worlds.CachesAndWarehouses]);
        var secret = await account.Inventory.ReadSecretAsync("shop", CancellationToken.None);
        Assert.Equal(new DatabaseSecret("battery", "shop", "orders.abc", 5432, "shop"), secret);
        Assert.DoesNotContain("battery", secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadSecret_IsNoDatabases_SaysWhatItHasToBeAndNothingOfWhatItIs()
    {
        await using var account = await Account.StartAsync([Worlds.CachesAndWarehouses]);
        var e = await Assert.ThrowsAsync<AwsException>(() => account.Inventory.ReadSecretAsync("key", CancellationToken.None));
        Assert.Equal(AwsErrorCode.InvalidRequest, e.Code);
        Assert.Contains("\"password\"", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not for databases", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadSecret_DoesNotExist_SaysSo()
    {
        await using var account = await Account.StartAsync([Worlds.CachesAndWarehouses]);
        var e = await Assert.ThrowsAsync<AwsException>(() => account.Inventory.ReadSecretAsync("nothing", CancellationToken.None));
        Assert.Equal(AwsErrorCode.InvalidRequest, e.Code);
        Assert.Contains("can't find", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadSecret_IsDenied_NamesThePermission()
    {
        await using var account = await Account.StartAsync([Worlds.CachesAndWarehouses], null, "secretsmanager:GetSecretValue");
        var e = await Assert.ThrowsAsync<AwsException>(() => account.Inventory.ReadSecretAsync("shop", CancellationToken.None));
        Assert.Equal(AwsErrorCode.AccessDenied, e.Code);
        Assert.Contains("secretsmanager:GetSecretValue", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetIdentity_TellsAccountAndArn()
    {
        await using var account = await Account.StartAsync([]);
        Assert.Equal(
            new CallerIdentity("111122223333", EmulatedCredential.Default.Arn),
            await account.Inventory.GetIdentityAsync(CancellationToken.None)
        );
    }
}
