using System.Text.Json.Serialization;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecretsManager.Model;
using RdsTunnel.Aws.Clients;

namespace Amazon.SecretsManager
{
    /// <summary>The call of AWS Secrets Manager that we use, under the names of the package AWSSDK.SecretsManager, which takes this file's place.</summary>
    internal sealed class AmazonSecretsManagerClient(AWSCredentials credentials, AmazonSecretsManagerConfig config) : JsonServiceClient(credentials, config)
    {
        public Task<GetSecretValueResponse> GetSecretValueAsync(GetSecretValueRequest request, CancellationToken cancellationToken = default) =>
            CallAsync(request, "GetSecretValue", SecretsManagerJson.Default.GetSecretValueRequest, SecretsManagerJson.Default.GetSecretValueResponse, cancellationToken);

        protected override AmazonServiceException CreateException(ErrorResponse error) => new AmazonSecretsManagerException(error);
    }

    internal sealed class AmazonSecretsManagerConfig() : ServiceConfig(Description)
    {
        private static readonly ServiceDescription Description = new("Secrets Manager", "secretsmanager", "secretsmanager", "2017-10-17", "secretsmanager");
    }

    /// <summary>An error of the service. <see cref="AmazonServiceException.ErrorCode"/> says which.</summary>
#pragma warning disable CA1032 // made from the service's answer only
    internal sealed class AmazonSecretsManagerException(ErrorResponse error)
        : AmazonServiceException(error.Message, error.InnerException, error.Type, error.Code, error.RequestId, error.StatusCode);
}

namespace Amazon.SecretsManager.Model
{
    internal sealed class GetSecretValueRequest : AmazonWebServiceRequest
    {
        /// <summary>A name or an ARN.</summary>
        public string? SecretId { get; set; }
    }

    internal sealed class GetSecretValueResponse : AmazonWebServiceResponse
    {
        /// <summary>Null for a secret in bytes.</summary>
        public string? SecretString { get; set; }
    }

    [JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(GetSecretValueRequest))]
    [JsonSerializable(typeof(GetSecretValueResponse))]
    internal sealed partial class SecretsManagerJson : JsonSerializerContext;
}
