using System.Collections.Concurrent;
using RdsTunnel.Aws;

namespace RdsTunnel.Rpc;

/// <summary>Asks the client for the codes of multi-factor devices. Thread-safe.</summary>
public sealed class MfaRequests(TimeProvider time) : IMfaCodes
{
    /// <summary>A person has to find the device.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(2);

    private const int MaxWaiting = 16;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<string?>> _waiting = new();
    private JsonRpcConnection? _connection;
    private int _lastId;

    public void SendTo(JsonRpcConnection connection) => Volatile.Write(ref _connection, connection);

    public async Task<string> AskAsync(string profile, string serialNumber, CancellationToken cancellationToken)
    {
        var connection = Volatile.Read(ref _connection)
            ?? throw new AwsException(AwsErrorCode.CredentialsMissing, $"The profile \"{profile}\" needs the code of {serialNumber}, and there is nobody to ask.");
        var id = $"mfa-{Interlocked.Increment(ref _lastId)}";
        var answered = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answered;
        try
        {
            connection.Notify("mfa", MaxWaiting, ServerNotifications.MfaRequested, new(id, profile, serialNumber));
            return await answered.Task.WaitAsync(AnswerTime, time, cancellationToken).ConfigureAwait(false)
                ?? throw new AwsException(AwsErrorCode.CredentialsMissing, $"The profile \"{profile}\" needs the code of {serialNumber}, which was not given.");
        }
        catch (TimeoutException e)
        {
            throw new AwsException(
                AwsErrorCode.CredentialsMissing, $"Nobody gave the code of {serialNumber} within {AnswerTime.TotalMinutes} minutes. Connect again to be asked again.", e);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <param name="code">Null when the person has cancelled.</param>
    /// <returns>False when nobody waits for it.</returns>
    internal bool Answer(string id, string? code) => _waiting.TryRemove(id, out var answered) && answered.TrySetResult(code);
}
