using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;

namespace RdsTunnel.Aws.Clients;

/// <summary>AWS's standard rules for the host of a regional service, in every partition, with FIPS and dual stack.</summary>
internal sealed class RegionalEndpoints(string prefix, string? dualStackPrefix = null) : IEndpointProvider
{
    public Endpoint ResolveEndpoint(EndpointParameters parameters)
    {
        if (parameters[RegionalEndpointResolver.Endpoint] is string url)
        {
            return new Endpoint(url);
        }

        var region = (string)parameters[RegionalEndpointResolver.Region];
        var partition = Fn.Partition(region);
        var fips = parameters[RegionalEndpointResolver.UseFips] is true;
        var dualStack = parameters[RegionalEndpointResolver.UseDualStack] is true;
        // In GovCloud the ordinary host is the FIPS host.
        var plainHostIsFips = !dualStack && Fn.GetAttr(partition, "name") is "aws-us-gov";
        var suffix = Fn.GetAttr(partition, dualStack ? "dualStackDnsSuffix" : "dnsSuffix");
        return new Endpoint($"https://{(dualStack && !fips ? dualStackPrefix ?? prefix : prefix)}{(fips && !plainHostIsFips ? "-fips" : "")}.{region}.{suffix}");
    }
}

internal sealed class RegionalEndpointResolver : BaseEndpointResolver
{
    public const string Region = "Region";
    public const string UseFips = "UseFIPS";
    public const string UseDualStack = "UseDualStack";
    public const string Endpoint = "Endpoint";

    protected override void ServiceSpecificHandler(IExecutionContext executionContext, EndpointParameters parameters) =>
        InjectHostPrefix(executionContext.RequestContext);

    protected override EndpointParameters MapEndpointsParameters(IRequestContext requestContext)
    {
        var config = requestContext.ClientConfig;
        return new EndpointParameters
        {
            [Region] = config.RegionEndpoint?.SystemName ?? config.AuthenticationRegion,
            [UseFips] = config.UseFIPSEndpoint,
            [UseDualStack] = config.UseDualstackEndpoint,
            [Endpoint] = config.ServiceURL,
        };
    }
}
