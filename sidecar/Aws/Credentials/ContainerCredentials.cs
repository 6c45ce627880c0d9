using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Files;

namespace RdsTunnel.Aws.Credentials;

/// <summary>The role of the container that this runs in, from the agent beside it.</summary>
internal sealed class ContainerCredentials(CredentialSource.Container source, MachineHttp http, TimeProvider time)
    : ExpiringCredentials(time)
{
    private const int Attempts = 3;

    protected override async Task<Lease> RenewAsync(TimeSpan lasting)
    {
        var token = await TokenAsync().ConfigureAwait(false);
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var body = await http.AskAsync(HttpMethod.Get, source.Url, ("Accept", "application/json"), ("Authorization", token))
                .ConfigureAwait(false);
            if (
                MachineHttp.Parse(body) is { } answer
                && Lease.TryRead(answer.AccessKeyId, answer.SecretAccessKey, answer.Token, answer.Expiration) is { } lease
            )
            {
                return lease;
            }

            if (attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 * attempt), Time).ConfigureAwait(false);
            }
        }

        throw Failed("Check AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI and the authorization token.");
    }

    // The file is read anew each time: EKS renews what is in it.
    private async Task<string?> TokenAsync()
    {
        string? token;
        try
        {
            token = source.TokenFile is { } file
                ? (await TokenFile.ReadAsync(file).ConfigureAwait(false)).TrimEnd('\r', '\n')
                : source.Token;
        }
        catch (UnreadableFileException e)
        {
            throw Failed(
                $"The token file {BoundedFile.Describe(source.TokenFile!)} (AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) can't be read: {e.Message}."
            );
        }

        return token?.AsSpan().ContainsAny('\r', '\n') == true ? throw Failed("The authorization token has more than one line.") : token;
    }

    private AwsException Failed(string why) =>
        new(AwsErrorCode.CredentialsUnavailable, $"The container provides no credentials (profile \"{source.Profile}\"). {why}");
}
