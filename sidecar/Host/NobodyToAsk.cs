using RdsTunnel.Aws;

namespace RdsTunnel.Host;

/// <summary>The command line asks for no codes: its standard input may be anything.</summary>
internal sealed class NobodyToAsk : IMfaCodes
{
    public Task<string> AskAsync(string profile, string serialNumber, CancellationToken cancellationToken) =>
        throw new AwsException(
            AwsErrorCode.CredentialsMissing,
            $"The profile \"{profile}\" needs the MFA code of {serialNumber}, which only the editor can ask for. Put temporary keys into the environment: "
                + $"aws configure export-credentials --profile {profile} --format env"
        );
}
