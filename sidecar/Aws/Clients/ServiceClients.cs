using System.Collections.Concurrent;
using Amazon.EC2;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SimpleSystemsManagement;

namespace RdsTunnel.Aws.Clients;

/// <summary>The clients of one identity in one region, each made when first needed. Thread-safe.</summary>
/// <param name="configure">Gives a configuration the endpoint of a service, and our HTTP.</param>
internal sealed class ServiceClients(AWSCredentials credentials, Func<ClientConfig, ClientConfig> configure) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<IDisposable>> _clients = new(StringComparer.Ordinal);

    public QueryServiceClient Query(ServiceDescription service) =>
        (QueryServiceClient)Client(
            service.ServiceId,
            () => new QueryServiceClient(credentials, (ServiceConfig)configure(new ServiceConfig(service)))
        );

    public DocumentServiceClient Document(ServiceDescription service) =>
        (DocumentServiceClient)Client(
            service.ServiceId,
            () => new DocumentServiceClient(credentials, (ServiceConfig)configure(new ServiceConfig(service)))
        );

    public SsmClient Ssm =>
        (SsmClient)Client(
            "SSM",
            () => new SsmClient(credentials, (AmazonSimpleSystemsManagementConfig)configure(new AmazonSimpleSystemsManagementConfig()))
        );

    public Ec2Client Ec2 => (Ec2Client)Client("EC2", () => new Ec2Client(credentials, (AmazonEC2Config)configure(new AmazonEC2Config())));

    public StsClient Sts =>
        (StsClient)Client(
            "STS",
            () => new StsClient(credentials, (AmazonSecurityTokenServiceConfig)configure(new AmazonSecurityTokenServiceConfig()))
        );

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private IDisposable Client(string service, Func<IDisposable> create) =>
        _clients.GetOrAdd(service, _ => new Lazy<IDisposable>(create)).Value;
}
