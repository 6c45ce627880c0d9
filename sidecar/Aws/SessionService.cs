using System.Net.Security;
using Amazon;
using Amazon.Runtime;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Http;

namespace RdsTunnel.Aws;

internal sealed partial class SessionService : ISessionService, IDisposable
{
    private const string PortDocument = "AWS-StartPortForwardingSession";
    private const string RemoteHostDocument = "AWS-StartPortForwardingSessionToRemoteHost";

    private readonly AwsSettings _settings;
    private readonly IdentityCredentials _credentials;
    private readonly HttpClients _httpClients;
    private readonly SessionClient _client;
    private readonly ILogger _logger;

    public SessionService(
        AwsSettings settings, IdentityCredentials credentials, HttpClients httpClients, ServerTrust? trust, TimeProvider timeProvider, ILogger logger)
    {
        CertificateValidation = trust is null ? null : trust.Accepts;
        _settings = settings;
        _credentials = credentials;
        _httpClients = httpClients;
        _logger = logger;
        _client = new SessionClient(_credentials, Config(settings, httpClients), new SessionRetryPolicy(timeProvider, logger));
    }

    public RemoteCertificateValidationCallback? CertificateValidation { get; }

    internal AmazonSimpleSystemsManagementClient Client => _client;

    public async Task<SessionAccess> StartSessionAsync(PortSessionRequest request, CancellationToken cancellationToken)
    {
        var document = request.Host is null ? PortDocument : RemoteHostDocument;
        var what = $"ssm:StartSession with document {document} on target {request.Target}";
        var response = await CallAsync(what, () => _client.StartSessionAsync(ToSdk(request, document), cancellationToken)).ConfigureAwait(false)
            ?? throw new AwsException(AwsErrorCode.InvalidRequest, $"{what}: the service knows no such thing.");
        var access = Access(what, response.SessionId, response.StreamUrl, response.TokenValue);
        LogStarted(_logger, access.SessionId, request.Target, _settings.Region);
        return access;
    }

    public async Task<SessionAccess?> ResumeSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        var what = $"ssm:ResumeSession of {sessionId}";
        var response = await CallAsync(what, () => _client.ResumeSessionAsync(new() { SessionId = sessionId }, cancellationToken)).ConfigureAwait(false);
        if (string.IsNullOrEmpty(response?.TokenValue))
        {
            LogOver(_logger, sessionId);
            return null;
        }

        return Access(what, response.SessionId ?? sessionId, response.StreamUrl, response.TokenValue);
    }

    public async Task TerminateSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        // A session that does not exist is over, which is what the caller wants.
        await CallAsync($"ssm:TerminateSession of {sessionId}",
            () => _client.TerminateSessionAsync(new() { SessionId = sessionId }, cancellationToken)).ConfigureAwait(false);
        LogTerminated(_logger, sessionId);
    }

    public void Dispose()
    {
        _client.Dispose();
        _httpClients.Dispose();
    }

    private static AmazonSimpleSystemsManagementConfig Config(AwsSettings settings, HttpClients httpClients)
    {
        var config = new AmazonSimpleSystemsManagementConfig
        {
            HttpClientFactory = httpClients,
            MaxStaleConnectionRetries = 0,
            AllowAutoRedirect = false,
            // Everything that the SDK would look up in the process's environment is decided by the settings.
            IgnoreConfiguredEndpointUrls = true,
            UseFIPSEndpoint = settings.UseFips,
            UseDualstackEndpoint = settings.UseDualStack,
        };
        if (settings.EndpointUrl is { } url)
        {
            config.ServiceURL = url.AbsoluteUri;
            config.AuthenticationRegion = settings.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }

        return config;
    }

    private static StartSessionRequest ToSdk(PortSessionRequest request, string document)
    {
        var parameters = new Dictionary<string, List<string>>();
        if (request.Host is { } host)
        {
            parameters["host"] = [host];
        }

        // localPortNumber is left to its default: the local port is the listener's, and no business of the session's.
        parameters["portNumber"] = [request.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)];
        return new StartSessionRequest { Target = request.Target, DocumentName = document, Parameters = parameters, Reason = request.Reason };
    }

    /// <returns>Null when the service says that the session does not exist.</returns>
    private async Task<T?> CallAsync<T>(string what, Func<Task<T>> call)
        where T : class
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (AmazonServiceException e) when (e.ErrorCode == "DoesNotExistException")
        {
            return null;
        }
        catch (AmazonServiceException e)
        {
            var error = AwsErrors.From(e, what, _settings, _credentials.Latest);
            if (error.Code == AwsErrorCode.CredentialsExpired)
            {
                _credentials.Forget();
            }

            throw error;
        }
    }

    // The service's answer is taken at its word, as long as the token cannot travel in clear text.
    private SessionAccess Access(string what, string? sessionId, string? streamUrl, string? tokenValue)
    {
        if (string.IsNullOrEmpty(sessionId) || string.IsNullOrEmpty(tokenValue) || !Uri.TryCreate(streamUrl, UriKind.Absolute, out var url))
        {
            throw new AwsException(AwsErrorCode.ServiceFault, $"{what}: the answer lacks the session's id, address or token.");
        }

        var isAcceptable = url.Scheme == "wss" || (url.Scheme == "ws" && url.IsLoopback && _settings.IsPlainTextLoopback);
        return isAcceptable
            ? new SessionAccess(sessionId, url, tokenValue)
            : throw new AwsException(AwsErrorCode.ServiceFault, $"{what}: the answer's address ({url.Scheme}://{url.Authority}) is "
                + "not a secure websocket.");
    }

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "Session {SessionId} started on {Target} in {Region}")]
    private static partial void LogStarted(ILogger logger, string sessionId, string target, string region);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Session {SessionId} is over and cannot be resumed")]
    private static partial void LogOver(ILogger logger, string sessionId);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "Session {SessionId} terminated")]
    private static partial void LogTerminated(ILogger logger, string sessionId);
}
