using System.Runtime.CompilerServices;
using System.Text.Json;
using RdsTunnel.Aws.Clients;
using static RdsTunnel.Aws.Inventory.Listings.JsonFields;

namespace RdsTunnel.Aws.Inventory.Listings;

/// <summary>A listing whose items have to be asked about, for their addresses.</summary>
/// <param name="Details">The calls that tell more of some items of a page.</param>
/// <param name="Read">The addresses that such an answer tells, in a region; beside it the items that were asked about.</param>
internal sealed record DetailedListing(
    ServiceDescription Service,
    DocumentCall Call,
    string List,
    string Marker,
    Func<IEnumerable<JsonElement>, IEnumerable<(DocumentCall Call, JsonElement Item)>> Details,
    Func<JsonElement, JsonElement, string, IEnumerable<Database>> Read
) : DatabaseListing(Service, Call.Operation)
{
    /// <summary>Calls under way at once: these services allow few a second.</summary>
    private const int MaxAtOnce = 8;

    /// <summary>Calls of one listing: more take minutes, and all of them are a call for each item.</summary>
    private const int MaxDetails = 200;

    public override async IAsyncEnumerable<IEnumerable<Database>> ReadAsync(
        ServiceCalls calls,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        AwsException? failure = null;
        var asked = 0;
        await foreach (var page in calls.DocumentPagesAsync(Service, Call, Marker, cancellationToken).ConfigureAwait(false))
        {
            foreach (var some in Details(Items(page, List)).Chunk(MaxAtOnce))
            {
                if ((asked += some.Length) > MaxDetails)
                {
                    throw new AwsException(AwsErrorCode.Throttled, $"{Name}: more than {MaxDetails} found; the rest isn't listed.")
                    {
                        Action = Name,
                    };
                }

                var answers = await Task.WhenAll(some.Select(each => AskAsync(calls, each.Call, each.Item, cancellationToken)))
                    .ConfigureAwait(false);
                yield return answers.SelectMany(answer => answer.Found);
                failure ??= answers.FirstOrDefault(answer => answer.Failure is not null).Failure;
            }
        }

        if (failure is not null)
        {
            throw failure; // what could be found has been told
        }
    }

    private async Task<(IEnumerable<Database> Found, AwsException? Failure)> AskAsync(
        ServiceCalls calls,
        DocumentCall call,
        JsonElement item,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (Read(await calls.DocumentAsync(Service, call, cancellationToken).ConfigureAwait(false), item, calls.Region), null);
        }
        catch (AwsException e)
        {
            return ([], e);
        }
    }
}
