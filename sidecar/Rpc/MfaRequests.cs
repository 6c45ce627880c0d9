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
            var answer = await client().CallAsync(ClientMethods.AskMfaCode, new(profile, serialNumber), over.Token)
                .WaitAsync(over.Token).ConfigureAwait(false);
            return answer.Code
                ?? throw new AwsException(AwsErrorCode.CredentialsMissing, $"The profile \"{profile}\" needs the code of {serialNumber}, which was not given.");
        }
        catch (RpcException e)
        {
            throw new AwsException(
                AwsErrorCode.CredentialsMissing, $"The profile \"{profile}\" needs the code of {serialNumber}, and the client could not be asked for it.", e);
        }
        catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new AwsException(
                AwsErrorCode.CredentialsMissing, $"Nobody gave the code of {serialNumber} within {AnswerTime.TotalMinutes} minutes. Connect again to be asked again.", e);
        }
    }
}
