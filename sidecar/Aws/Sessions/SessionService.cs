using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.SimpleSystemsManagement;
using Amazon.SimpleSystemsManagement.Model;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Channels;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;
using RdsTunnel.Aws.Documents;
using RdsTunnel.Aws.Http;
using RdsTunnel.Faults;

namespace RdsTunnel.Aws.Sessions;

internal sealed partial class SessionService : ISessionService, IDisposable
{
    private readonly AwsSettings _settings;
    private readonly CallerCredentials _credentials;
    private readonly HttpClients _httpClients;
    private readonly SessionClient _client;
    private readonly Func<CancellationToken, Task<string?>>? _account;
    private readonly Func<EcsServiceTarget, CancellationToken, Task<string>>? _taskOf;
    private readonly Func<IInstancePower>? _instances;
    private readonly TimeProvider _time;
    private readonly SessionDocuments _documents;
    private readonly ILogger _logger;
    private readonly string? _accessRequest; // which gave the credentials; null for those of an identity
    private readonly SessionService? _asked; // of the identity that made it
    private readonly ConcurrentBag<SessionService> _granted = []; // by its access requests
    private volatile string? _knownAccount;

    /// <param name="account">Gives the number of the identity's account; null when nobody can tell.</param>
    /// <param name="taskOf">Finds a task of a service; null where targets are no services.</param>
    /// <param name="instances">Null where no instance is started.</param>
    public SessionService(
        AwsSettings settings,
        CallerCredentials credentials,
        ServerTrust trust,
        IWebProxy proxy,
        TimeSpan attemptTimeout,
        AwsClock clock,
        ILogger logger,
        Func<CancellationToken, Task<string?>>? account = null,
        Func<EcsServiceTarget, CancellationToken, Task<string>>? taskOf = null,
        Func<IInstancePower>? instances = null
    )
    {
        CertificateValidation = trust.Accepts;
        Proxy = proxy;
        _settings = settings;
        _credentials = credentials;
        _httpClients = new HttpClients(trust, proxy, attemptTimeout, clock);
        _account = account;
        _taskOf = taskOf;
        _instances = instances;
        _time = clock;
        _logger = logger;
        _client = new SessionClient(_credentials, Config(settings, _httpClients), new SessionRetryPolicy(clock, logger));
        _documents = new SessionDocuments(ReadDocumentAsync, clock, logger);
        NodeAccess = new NodeAccess(this);
    }

    // What an access request gives is for sessions alone: documents are read as before.
    private SessionService(SessionService asked, string accessRequest, AccessTokenCredentials credentials)
    {
        CertificateValidation = asked.CertificateValidation;
        Proxy = asked.Proxy;
        _settings = asked._settings;
        _credentials = credentials;
        _httpClients = asked._httpClients;
        _account = asked._account;
        _instances = asked._instances;
        _time = asked._time;
        _logger = asked._logger;
        (_accessRequest, _asked) = (accessRequest, asked);
        _client = new SessionClient(credentials, Config(_settings, _httpClients), new SessionRetryPolicy(_time, _logger));
        _documents = asked._documents;
    }

    public RemoteCertificateValidationCallback CertificateValidation { get; }

    public IWebProxy Proxy { get; }

    public IInstancePower? Instances => _instances?.Invoke();

    public INodeAccess? NodeAccess { get; }

    internal AmazonSimpleSystemsManagementClient Client => _client;

    /// <summary>The same with credentials that an access request gives. It is disposed with this one.</summary>
    internal SessionService GrantedBy(string accessRequest, Lease first, Func<Task<Lease>> renew)
    {
        var granted = new SessionService(this, accessRequest, new AccessTokenCredentials(accessRequest, first, renew, _time));
        _granted.Add(granted);
        return granted;
    }

    public async Task<SessionAccess> StartSessionAsync(PortSessionRequest request, CancellationToken cancellationToken)
    {
        var document = await _documents
            .GetAsync(request.Document, toRemoteHost: request.Host is not null, cancellationToken)
            .ConfigureAwait(false);
        if (_taskOf is not null && EcsServiceTarget.Parse(request.Target) is { } service)
        {
            request = request with { Target = await _taskOf(service, cancellationToken).ConfigureAwait(false) };
        }

        var what = $"ssm:StartSession with document {document.Name} on target {request.Target}";
        var response =
            await StartAsync(what, document, request, cancellationToken).ConfigureAwait(false)
            ?? throw new AwsException(AwsErrorCode.InvalidRequest, $"{what}: not found.");
        try
        {
            var access = Access(what, response.SessionId, response.StreamUrl, response.TokenValue);
            LogStarted(_logger, access.SessionId, request.Target, _settings.Region);
            return access;
        }
        catch (AwsException e) when (e.IsLasting)
        {
            await TerminateUnusedAsync(response.SessionId!, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    public SessionAccess Adopt(string? sessionId, string? streamUrl, string? tokenValue) =>
        Access("ssm:StartSession", sessionId, streamUrl, tokenValue);

    public async Task<SessionAccess?> ResumeSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        var what = $"ssm:ResumeSession of {sessionId}";
        var response = await CallAsync(what, () => _client.ResumeSessionAsync(new() { SessionId = sessionId }, cancellationToken))
            .ConfigureAwait(false);
        if (string.IsNullOrEmpty(response?.TokenValue))
        {
            LogOver(_logger, sessionId);
            return null;
        }

        return Access(what, response.SessionId ?? sessionId, response.StreamUrl, response.TokenValue);
    }

    public async Task<ChannelSignature?> SignChannelAsync(Uri streamUrl, CancellationToken cancellationToken)
    {
        if (ChannelSigner.IsPresigned(streamUrl))
        {
            return null;
        }

        try
        {
            var keys = await _credentials.GetCredentialsAsync().WaitOrLeaveAsync(cancellationToken).ConfigureAwait(false);
            return new ChannelSignature(
                ChannelSigner.Sign(streamUrl, _settings.Region, keys, _time.GetUtcNow()),
                _credentials.LatestSource!
            );
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var error = e is AmazonServiceException refusal
                ? AwsErrors.From(refusal, "the renewal of the credentials", _settings, _credentials.Latest)
                : e as AwsException;
            if (error is { NeedsSignIn: true })
            {
                throw error;
            }

            // A foreign exception's text may quote what it stumbled over.
            LogUnsigned(_logger, streamUrl.Host, error?.Message ?? e.GetType().Name);
            return null;
        }
    }

    public async Task<AwsException> ChannelDeniedAsync(string sessionId, CancellationToken cancellationToken)
    {
        _knownAccount ??= _account is null ? null : await _account(cancellationToken).ConfigureAwait(false);
        var partition = (string)Fn.GetAttr(Fn.Partition(_settings.Region), "name");
        return new AwsException(
            AwsErrorCode.ChannelDenied,
            $"Access denied: {AwsErrors.Identity(_settings)} can't open the session's data channel, signed or unsigned. Ask your AWS administrator to "
                + $"allow ssmmessages:OpenDataChannel on arn:{partition}:ssm:{_settings.Region}:{_knownAccount ?? "*"}:session/{sessionId}."
        );
    }

    public string? LeadsTo(string? document) => _documents.LeadsTo(document);

    public async Task TerminateSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        try
        {
            // A session that does not exist is over, which is what the caller wants.
            await CallAsync(
                    $"ssm:TerminateSession of {sessionId}",
                    () => _client.TerminateSessionAsync(new() { SessionId = sessionId }, cancellationToken)
                )
                .ConfigureAwait(false);
        }
        catch (AwsException e) when (_asked is not null && e.Code == AwsErrorCode.AccessEnded)
        {
            await _asked.TerminateSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
            return;
        }

        LogTerminated(_logger, sessionId);
    }

    public void Dispose()
    {
        _client.Dispose();
        (_credentials as AccessTokenCredentials)?.Dispose();
        if (_accessRequest is null)
        {
            _httpClients.Dispose();
        }

        foreach (var granted in _granted)
        {
            granted.Dispose();
        }
    }

    private static AmazonSimpleSystemsManagementConfig Config(AwsSettings settings, HttpClients httpClients)
    {
        var config = new AmazonSimpleSystemsManagementConfig();
        SdkDefaults.Direct(config, settings.EndpointUrl, settings.Region, settings.UseFips, settings.UseDualStack, httpClients);
        config.MaxStaleConnectionRetries = 0;
        return config;
    }

    private async Task<StartSessionResponse?> StartAsync(
        string what,
        SessionDocument document,
        PortSessionRequest request,
        CancellationToken cancellationToken
    )
    {
        var start = new StartSessionRequest
        {
            Target = request.Target,
            DocumentName = document.Name,
            Parameters = SessionParameters.For(document, request),
            Reason = request.Reason,
        };
        try
        {
            return await CallAsync(what, () => _client.StartSessionAsync(start, cancellationToken)).ConfigureAwait(false);
        }
        catch (AwsException e) when (_accessRequest is not null && e is { Code: AwsErrorCode.AccessDenied, IsOfCredentials: false })
        {
            throw new AwsException(
                e.Code,
                $"Access to {request.Target} was approved (request {_accessRequest}), but not for sessions with the document {document.Name}. "
                    + $"As of 2026, AWS's own policy for approved access allows shells only. Ask your AWS administrator for lasting access. {e.Message}",
                e
            );
        }
        catch (AwsException e) when (e.Code is AwsErrorCode.InvalidRequest or AwsErrorCode.InvalidDocument)
        {
            _documents.Forget(document.Name);
            throw document.IsKnown
                ? e
                : new AwsException(
                    AwsErrorCode.InvalidDocument,
                    $"{e.Message} The document's parameters are unknown. Allow ssm:GetDocument on {document.Name}.",
                    e
                );
        }
    }

    private Task<GetDocumentResponse?> ReadDocumentAsync(string name, CancellationToken cancellationToken) =>
        CallAsync(
            $"ssm:GetDocument of {name}",
            () => _client.GetDocumentAsync(new GetDocumentRequest { Name = name, DocumentFormat = "JSON" }, cancellationToken)
        );

    /// <returns>Null when the service says that the session does not exist.</returns>
    internal async Task<T?> CallAsync<T>(string what, Func<Task<T>> call)
        where T : class
    {
        for (var isRepeated = false; ; isRepeated = true)
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
                var areOver = error.Code == AwsErrorCode.CredentialsExpired;
                // Refused before anything was done, so even a StartSession is sent again: a person is asked only if no others can be had.
                if (areOver && _credentials.Forget() && !isRepeated)
                {
                    continue;
                }

                throw areOver && _accessRequest is not null
                    ? new AwsException(
                        AwsErrorCode.CredentialsUnavailable,
                        $"The credentials of the access request {_accessRequest} ended before their time. The next connection fetches others.",
                        error
                    )
                    : error;
            }
        }
    }

    // Nobody will use it; if it cannot be ended now, the account's idle timeout ends it.
    private async Task TerminateUnusedAsync(string sessionId, CancellationToken cancellationToken)
    {
        try
        {
            await TerminateSessionAsync(sessionId, cancellationToken).ConfigureAwait(false);
        }
        catch (AwsException e)
        {
            LogNotTerminated(_logger, sessionId, e.Message);
        }
    }

    /// <summary>The answer's address is checked before the token or a signature goes there.</summary>
    private SessionAccess Access(string what, string? sessionId, string? streamUrl, string? tokenValue)
    {
        if (string.IsNullOrEmpty(sessionId) || string.IsNullOrEmpty(tokenValue) || string.IsNullOrEmpty(streamUrl))
        {
            throw new AwsException(
                AwsErrorCode.ServiceFault,
                $"{what}: the response has no session ID, address or token. A proxy may have changed it."
            );
        }

        return StreamAddress.TryRead(streamUrl, _settings) is { } url
            ? new SessionAccess(sessionId, url, tokenValue)
            : throw new AwsException(
                AwsErrorCode.ServiceFault,
                $"{what}: the response points to {StreamAddress.Describe(streamUrl)}, which is not a message gateway in {_settings.Region}. Nothing was sent there. "
                    + "A proxy may have changed the response. If this is your own endpoint, set AWS_ENDPOINT_URL_SSMMESSAGES to it."
            )
            {
                IsLasting = true,
            };
    }

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "Session {SessionId} started on {Target} in {Region}")]
    private static partial void LogStarted(ILogger logger, string sessionId, string target, string region);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Session {SessionId} ended and can't be resumed")]
    private static partial void LogOver(ILogger logger, string sessionId);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "Session {SessionId} terminated")]
    private static partial void LogTerminated(ILogger logger, string sessionId);

    [LoggerMessage(
        EventId = 3005,
        Level = LogLevel.Warning,
        Message = "Opening the data channel at {Host} unsigned, because signing failed: {Reason}"
    )]
    private static partial void LogUnsigned(ILogger logger, string host, string reason);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "Unused session {SessionId} couldn't be terminated: {Reason}")]
    private static partial void LogNotTerminated(ILogger logger, string sessionId, string reason);
}
