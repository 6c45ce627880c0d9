using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;

namespace RdsTunnel.Aws.Clients;

/// <summary>AWS's rules for the host of a regional service, in every partition, with FIPS and dual
/// stack. Where services differ, their descriptions say so.</summary>
internal sealed class RegionalEndpoints(ServiceDescription service) : IEndpointProvider
{
    private const string GovCloud = "aws-us-gov";

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
        var name = (string)Fn.GetAttr(partition, "name");
        var isOlder = name is "aws" or "aws-cn" or GovCloud;
        var isAlike = dualStack && isOlder && (!fips || service.IsFipsDualStackAlike);
        var isPlainFips = name == GovCloud && service.IsPlainHostFipsInGovCloud && (!dualStack || service.IsFipsDualStackAlike);
        var suffix = Fn.GetAttr(partition, dualStack && !(isOlder && service.IsPlainHostDualStack) ? "dualStackDnsSuffix" : "dnsSuffix");
        return new Endpoint(
            $"https://{(isAlike ? service.DualStackPrefix : service.EndpointPrefix)}{(fips && !isPlainFips ? "-fips" : "")}.{region}.{suffix}"
        );
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
