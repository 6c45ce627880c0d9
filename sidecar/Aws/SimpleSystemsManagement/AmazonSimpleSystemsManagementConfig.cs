using RdsTunnel.Aws.Clients;

namespace Amazon.SimpleSystemsManagement;

internal sealed class AmazonSimpleSystemsManagementConfig() : ServiceConfig(Description)
{
    private static readonly ServiceDescription Description = new("SSM", "ssm", "ssm", "2014-11-06", "AmazonSSM");
}
