using Amazon.Runtime;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The credentials of the machine's own role, through the SDK, which keeps and renews them.</summary>
internal sealed class MachineCredentials(CredentialSource.Machine source, TimeProvider time) : AWSCredentials
{
    /// <summary>It is near by: what takes longer does not come. The SDK itself tries for almost a minute.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    // Making them asks the machine already, and blocks meanwhile.
    private readonly Lazy<AWSCredentials> _sdk = new(
        () => source.Kind == CredentialSource.Machine.Container ? new GenericContainerCredentials() : new InstanceProfileAWSCredentials(), LazyThreadSafetyMode.PublicationOnly);

    public override ImmutableCredentials GetCredentials() => throw new NotSupportedException("Calls are asynchronous only.");

    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        try
        {
            return await Task.Run(() => _sdk.Value.GetCredentialsAsync()).WaitAsync(AnswerTime, time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or InvalidOperationException or ArgumentException or TimeoutException)
        {
            // What the SDK says may hold an authorization token: it is not quoted.
            var (who, check) = source.Kind == CredentialSource.Machine.Container
                ? ("container", "AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI and the authorization token")
                : ("instance", "that it has an instance profile, and that its metadata service may be asked");
            throw new AwsException(AwsErrorCode.CredentialsMissing, $"The {who} gives no credentials (profile \"{source.Profile}\"). Check {check}.", e);
        }
    }
}
