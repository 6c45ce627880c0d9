using RdsTunnel.Aws;

namespace RdsTunnel.Rpc;

/// <summary>Asks the client for the codes of multi-factor devices. Thread-safe.</summary>
/// <param name="client">Whom to ask now.</param>
public sealed class MfaRequests(Func<JsonRpcConnection> client, TimeProvider time) : IMfaCodes
{
    /// <summary>A person has to find the device.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(2);

    public async Task<string> AskAsync(string profile, string serialNumber, CancellationToken cancellationToken)
    {
        // When the time is over, the client takes its question back.
        using var late = new CancellationTokenSource(AnswerTime, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            var answer = await client()
                .CallAsync(ClientMethods.AskMfaCode, new(profile, serialNumber), over.Token)
                .WaitAsync(over.Token)
                .ConfigureAwait(false);
            return answer.Code
                ?? throw new AwsException(
                    AwsErrorCode.CredentialsMissing,
                    $"The profile \"{profile}\" needs the MFA code of {serialNumber}, which was not entered."
                );
        }
        catch (RpcException e)
        {
            throw new AwsException(
                AwsErrorCode.CredentialsMissing,
                $"The profile \"{profile}\" needs the MFA code of {serialNumber}, but the editor couldn't ask for it.",
                e
            );
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new AwsException(
                AwsErrorCode.CredentialsMissing,
                $"No MFA code for {serialNumber} was entered within {AnswerTime.TotalMinutes} minutes. Connect again to retry.",
                e
            );
        }
    }
}
