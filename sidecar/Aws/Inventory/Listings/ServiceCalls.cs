using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.Runtime;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>Calls services for one identity in one region, page after page. Every failure is an
/// <see cref="AwsException"/>. Thread-safe.</summary>
internal sealed class ServiceCalls(AwsSettings settings, IdentityCredentials credentials, ServiceClients clients)
{
    /// <summary>Far more than an account has: it only ends an answer that goes round in circles.</summary>
    private const int MaxPages = 500;

    public string Region => settings.Region;

    public Task<XElement> QueryAsync(
        ServiceDescription service,
        string action,
        IEnumerable<KeyValuePair<string, string>> parameters,
        CancellationToken cancellationToken
    ) => CallAsync($"{service.SigningName}:{action}", () => clients.Query(service).CallAsync(action, parameters, cancellationToken));

    /// <param name="marker">What the service calls the place where the next page begins.</param>
    public async IAsyncEnumerable<XElement> QueryPagesAsync(
        ServiceDescription service,
        string action,
        string marker,
        IReadOnlyList<KeyValuePair<string, string>> parameters,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? next = null;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await QueryAsync(
                    service,
                    action,
                    next is null ? parameters : parameters.Append(new(marker, next)),
                    cancellationToken
                )
                .ConfigureAwait(false);
            yield return page;
            next = (page.Element(marker) ?? page.Element("nextToken"))?.Value;
            if (string.IsNullOrEmpty(next))
            {
                break;
            }
        }
    }

    public Task<JsonElement> DocumentAsync(ServiceDescription service, DocumentCall call, CancellationToken cancellationToken) =>
        CallAsync($"{service.SigningName}:{call.Operation}", () => clients.Document(service).CallAsync(call, cancellationToken));

    /// <param name="marker">What request and answer call the place where the next page begins.</param>
    public async IAsyncEnumerable<JsonElement> DocumentPagesAsync(
        ServiceDescription service,
        DocumentCall call,
        string marker,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        string? next = null;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var asked = next is null ? call : call with { Parameters = [.. call.Parameters, (marker, JsonValue.Create(next))] };
            var page = await DocumentAsync(service, asked, cancellationToken).ConfigureAwait(false);
            yield return page;
            next = Listings.JsonFields.Text(page, marker);
            if (next is null)
            {
                break;
            }
        }
    }

    /// <param name="pages">Those of one of the SDK's paginators.</param>
    /// <param name="read">The items of a page; null when it has none.</param>
    public Task<IReadOnlyList<T>> ListAsync<TPage, T>(
        string what,
        Func<IAsyncEnumerable<TPage>> pages,
        Func<TPage, IEnumerable<T>?> read,
        CancellationToken cancellationToken
    ) =>
        CallAsync<IReadOnlyList<T>>(
            what,
            async () =>
                await pages().Take(MaxPages).SelectMany(page => read(page) ?? []).ToListAsync(cancellationToken).ConfigureAwait(false)
        );

    public async Task<T> CallAsync<T>(string what, Func<Task<T>> call)
    {
        for (var isRepeated = false; ; isRepeated = true)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (AmazonServiceException e)
            {
                var error = AwsErrors.From(e, what, settings, credentials.Latest);
                // A person is asked only if no others can be had.
                if (error.Code == AwsErrorCode.CredentialsExpired && credentials.Forget() && !isRepeated)
                {
                    continue;
                }

                error.Action = what;
                throw error;
            }
        }
    }
}
