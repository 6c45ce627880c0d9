using System.Runtime.CompilerServices;
using Amazon.SimpleSystemsManagement.Model;

namespace Amazon.SimpleSystemsManagement;

internal sealed class SimpleSystemsManagementPaginatorFactory(AmazonSimpleSystemsManagementClient client)
{
    public DescribeInstanceInformationPaginator DescribeInstanceInformation(DescribeInstanceInformationRequest request) => new(client, request);
}

/// <summary>Follows <c>NextToken</c> from page to page.</summary>
internal sealed class DescribeInstanceInformationPaginator(AmazonSimpleSystemsManagementClient client, DescribeInstanceInformationRequest request)
{
    public IAsyncEnumerable<InstanceInformation> InstanceInformationList => ListAsync();

    private async IAsyncEnumerable<InstanceInformation> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = request.NextToken;
        do
        {
            var page = new DescribeInstanceInformationRequest { Filters = request.Filters, MaxResults = request.MaxResults, NextToken = next };
            var response = await client.DescribeInstanceInformationAsync(page, cancellationToken).ConfigureAwait(false);
            foreach (var instance in response.InstanceInformationList ?? [])
            {
                yield return instance;
            }

            next = response.NextToken;
        }
        while (!string.IsNullOrEmpty(next));
    }
}
