namespace RdsTunnel.Emulator.IdentityCenter;

/// <summary>An IAM Identity Center instance: who signs in there, and to what.</summary>
/// <param name="StartUrl">What users put into their configuration.</param>
/// <param name="AccessTokenLifetime">Then it has to be renewed, or its owner to sign in again.</param>
/// <param name="RoleCredentialsLifetime">Of what a role's credentials are good for.</param>
public sealed record IdentityCenterOptions(
    string StartUrl,
    IReadOnlyList<EmulatedAccount> Accounts,
    TimeSpan AccessTokenLifetime,
    TimeSpan RoleCredentialsLifetime
)
{
    public static IdentityCenterOptions Default { get; } =
        new(
            "https://acme.awsapps.com/start",
            [
                new("111122223333", "Acme Production", "production@acme.example", ["Developer", "ReadOnly"]),
                new("444455556666", "Acme Staging", "staging@acme.example", ["Developer"]),
            ],
            TimeSpan.FromHours(8),
            TimeSpan.FromHours(1)
        );

    /// <summary>Seconds between two questions of a client that waits for a device code.</summary>
    public int DeviceIntervalSeconds { get; init; } = 1;
}

/// <param name="Roles">That the person may take there.</param>
public sealed record EmulatedAccount(string AccountId, string Name, string EmailAddress, IReadOnlyList<string> Roles);
