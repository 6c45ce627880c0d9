using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Util.Internal;
using ExecutionContext = Amazon.Runtime.Internal.ExecutionContext;

namespace RdsTunnel.Aws.Clients;

/// <summary>What every service's configuration adds to the SDK's.</summary>
internal class ServiceConfig : ClientConfig
{
    private const string ClientVersion = "0.1.0";

    private static readonly DefaultConfiguration Defaults = new()
    {
        Name = DefaultConfigurationMode.Standard,
        RetryMode = RequestRetryMode.Standard,
    };

    private readonly string _userAgent;

    public ServiceConfig(ServiceDescription service)
        : base(new DefaultConfigurationProvider([Defaults]))
    {
        Service = service;
        _userAgent = InternalSDKUtils.BuildUserAgentString(service.ServiceId, ClientVersion);
        ServiceId = service.ServiceId;
        AuthenticationServiceName = service.SigningName;
        EndpointProvider = new RegionalEndpoints(service);
    }

    public ServiceDescription Service { get; }

    public override string RegionEndpointServiceName => Service.EndpointPrefix;

    public override string ServiceVersion => Service.ApiVersion;

    public override string UserAgent => _userAgent;

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        var request = new DefaultRequest(parameters.Request, ServiceId) { AlternateEndpoint = parameters.AlternateEndpoint };
        var context = new RequestContext(false)
        {
            ClientConfig = this,
            OriginalRequest = parameters.Request,
            Request = request,
        };
        return new RegionalEndpointResolver().GetEndpoint(new ExecutionContext(context, null));
    }
}
