using Amazon.Runtime;
using Amazon.SimpleSystemsManagement.Model;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Aws.Sessions;

/// <summary>Which failures are worth another attempt, after which wait.</summary>
/// <remarks>
/// StartSession and StartAccessRequest are not idempotent: whatever may have been executed (a lost answer, a 5xx) is not
/// sent again. A throttled request was refused
/// before it did anything, so that one is. The other calls may be repeated. A request refused for
/// its clock is signed again by the base class.
/// </remarks>
internal sealed partial class SessionRetryPolicy : RetryPolicy
{
    public const int StartSessionMaxRetries = 4;
    public const int OtherMaxRetries = 2; // their callers have a loop of their own, or no time
    public static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(400);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public SessionRetryPolicy(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        MaxRetries = StartSessionMaxRetries;
    }

    public override bool CanRetry(IExecutionContext executionContext) => true;

    public override bool RetryLimitReached(IExecutionContext executionContext) =>
        executionContext.RequestContext.Retries >= (IsSentOnce(executionContext) ? StartSessionMaxRetries : OtherMaxRetries);

    public override bool RetryForException(IExecutionContext executionContext, Exception exception)
    {
        if (
            exception is AmazonServiceException { StatusCode: var status and < (System.Net.HttpStatusCode)500 }
            && IsThrottlingError(exception)
        )
        {
            LogThrottled(_logger, executionContext.RequestContext.RequestName, (int)status);
            return true;
        }

        return !IsSentOnce(executionContext)
            && exception is AwsException { IsTransient: true } or AmazonServiceException { StatusCode: >= (System.Net.HttpStatusCode)500 };
    }

    public override Task<bool> RetryForExceptionAsync(IExecutionContext executionContext, Exception exception) =>
        Task.FromResult(RetryForException(executionContext, exception));

    // The base class calls an error on a reused connection stale and would resend, whatever the request.
    public override bool IsStaleConnectionError(Exception exception) => false;

    public override void WaitBeforeRetry(IExecutionContext executionContext) =>
        throw new NotSupportedException("Calls are asynchronous only.");

    public override Task WaitBeforeRetryAsync(IExecutionContext executionContext) =>
        Task.Delay(Backoff(executionContext.RequestContext.Retries), _time, executionContext.RequestContext.CancellationToken);

    // Doubles each time; half of it is random, so that those who were throttled together do not come back together.
    private static TimeSpan Backoff(int retry) => FirstBackoff * Math.Pow(2, retry - 1) * (0.5 + (Random.Shared.NextDouble() / 2));

    private static bool IsSentOnce(IExecutionContext executionContext) =>
        executionContext.RequestContext.OriginalRequest is StartSessionRequest or StartAccessRequestRequest;

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "{Request} was throttled (HTTP {Status}); trying again")]
    private static partial void LogThrottled(ILogger logger, string request, int status);
}
