using System.Collections.Concurrent;
using Amazon.Runtime;
using Amazon.SecretsManager;
using Amazon.SimpleSystemsManagement;
using RdsTunnel.Aws.Credentials;

namespace RdsTunnel.Aws.Clients;

/// <summary>The clients of one identity in one region, each made when first needed. Thread-safe.</summary>
/// <param name="configure">Gives a configuration the endpoint of a service, and our HTTP.</param>
internal sealed class ServiceClients(IdentityCredentials credentials, Func<ClientConfig, ClientConfig> configure) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<IDisposable>> _clients = new(StringComparer.Ordinal);

    public QueryServiceClient Query(ServiceDescription service) => (QueryServiceClient)Client(
        service.SigningName, () => new QueryServiceClient(credentials, (ServiceConfig)configure(new ServiceConfig(service))));

    public DocumentServiceClient Document(ServiceDescription service) => (DocumentServiceClient)Client(
        service.ServiceId, () => new DocumentServiceClient(credentials, (ServiceConfig)configure(new ServiceConfig(service))));

    public AmazonSimpleSystemsManagementClient Ssm => (AmazonSimpleSystemsManagementClient)Client(
        "ssm", () => new AmazonSimpleSystemsManagementClient(
            credentials, (AmazonSimpleSystemsManagementConfig)configure(new AmazonSimpleSystemsManagementConfig())));

    public AmazonSecretsManagerClient SecretsManager => (AmazonSecretsManagerClient)Client(
        "secrets_manager", () => new AmazonSecretsManagerClient(
            credentials, (AmazonSecretsManagerConfig)configure(new AmazonSecretsManagerConfig())));

    public void Dispose()
    {
        foreach (var client in _clients.Values.Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private IDisposable Client(string service, Func<IDisposable> create) => _clients.GetOrAdd(service, _ => new Lazy<IDisposable>(create)).Value;
}
