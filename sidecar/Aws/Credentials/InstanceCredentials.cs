using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The role of the EC2 instance that this runs on, from its metadata service: with a
/// session token, or without where it knows none.</summary>
internal sealed class InstanceCredentials(CredentialSource.Instance source, MachineHttp http, TimeProvider time) : ExpiringCredentials(time)
{
    private const string Roles = "latest/meta-data/iam/security-credentials/";

    protected override async Task<Lease> RenewAsync(TimeSpan lasting)
    {
        var token = await http.AskAsync(HttpMethod.Put, At("latest/api/token"), ("x-aws-ec2-metadata-token-ttl-seconds", "21600"))
            .ConfigureAwait(false);
        var role = (await AskAsync(Roles, token).ConfigureAwait(false))?.Split('\n')[0].Trim();
        var answer = string.IsNullOrEmpty(role)
            ? null
            : MachineHttp.Parse(await AskAsync(Roles + Uri.EscapeDataString(role), token).ConfigureAwait(false));
        return (answer is null ? null : Lease.TryRead(answer.AccessKeyId, answer.SecretAccessKey, answer.Token, answer.Expiration))
            ?? throw NoRole();
    }

    private Task<string?> AskAsync(string path, string? token) =>
        http.AskAsync(HttpMethod.Get, At(path), ("x-aws-ec2-metadata-token", token?.Trim()));

    private Uri At(string path) => new(source.MetadataService, path);

    private AwsException NoRole() =>
        source.Otherwise is { } otherwise
            ? new(AwsErrorCode.CredentialsMissing, $"{otherwise} This computer isn't an EC2 instance with a role either.")
            : new(
                AwsErrorCode.CredentialsUnavailable,
                $"The instance provides no credentials (profile \"{source.Profile}\"). Check that it has an instance profile and that its metadata service is enabled."
            );
}
