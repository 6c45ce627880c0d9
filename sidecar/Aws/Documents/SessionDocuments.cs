using Amazon.SimpleSystemsManagement.Model;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Aws.Documents;

/// <summary>The session documents of an account, each read when it is first used, and kept for a few minutes. Thread-safe.</summary>
/// <param name="read">Calls ssm:GetDocument; null when there is none.</param>
internal sealed partial class SessionDocuments(
    Func<string, CancellationToken, Task<GetDocumentResponse?>> read,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>A document that was changed is read again after so long, or when the service refuses what was sent.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, bool ToRemoteHost), (SessionDocument Document, long ReadAt)> _known = []; // guarded by _gate

    /// <param name="name">Null for AWS's own.</param>
    /// <exception cref="AwsException">It does not exist, or no tunnel can be opened with it.</exception>
    public async ValueTask<SessionDocument> GetAsync(string? name, bool toRemoteHost, CancellationToken cancellationToken)
    {
        if (name is null)
        {
            return toRemoteHost ? SessionDocument.ToRemoteHost : SessionDocument.ToPort;
        }

        if (name == SessionDocument.ToRemoteHost.Name || name == SessionDocument.ToPort.Name)
        {
            return name == SessionDocument.ToPort.Name ? SessionDocument.ToPort : SessionDocument.ToRemoteHost;
        }

        lock (_gate)
        {
            if (_known.TryGetValue((name, toRemoteHost), out var known) && time.GetElapsedTime(known.ReadAt) < Freshness)
            {
                return known.Document;
            }
        }

        var document = await ReadAsync(name, toRemoteHost, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            _known[(name, toRemoteHost)] = (document, time.GetTimestamp());
        }

        return document;
    }

    /// <inheritdoc cref="ISessionService.LeadsTo"/>
    public string? LeadsTo(string? name)
    {
        lock (_gate)
        {
            return name is not null && (_known.TryGetValue((name, true), out var known) || _known.TryGetValue((name, false), out known))
                ? SessionParameters.FixedPart(known.Document)
                : null;
        }
    }

    /// <summary>The service knows it otherwise.</summary>
    public void Forget(string name)
    {
        lock (_gate)
        {
            _known.Remove((name, true));
            _known.Remove((name, false));
        }
    }

    private async Task<SessionDocument> ReadAsync(string name, bool toRemoteHost, CancellationToken cancellationToken)
    {
        try
        {
            var response =
                await read(name, cancellationToken).ConfigureAwait(false)
                ?? throw new AwsException(AwsErrorCode.InvalidDocument, $"The session document {name} does not exist.");
            var document = SessionDocumentReader.Read(name, response);
            if (SessionParameters.FixedPart(document) is { } fixedPart)
            {
                LogFixed(logger, name, fixedPart);
            }

            return document;
        }
        catch (AwsException e) when (e.Code == AwsErrorCode.AccessDenied)
        {
            LogNotReadable(logger, name);
            return SessionDocument.Unknown(name, toRemoteHost);
        }
    }

    [LoggerMessage(
        EventId = 3070,
        Level = LogLevel.Warning,
        Message = "The session document {Document} can't be read (ssm:GetDocument); assuming the parameters of the AWS document"
    )]
    private static partial void LogNotReadable(ILogger logger, string document);

    [LoggerMessage(
        EventId = 3071,
        Level = LogLevel.Information,
        Message = "The session document {Document} always leads to {Where}; leaving those parameters out"
    )]
    private static partial void LogFixed(ILogger logger, string document, string where);
}
