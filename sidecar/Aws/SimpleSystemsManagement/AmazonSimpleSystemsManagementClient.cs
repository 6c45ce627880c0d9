using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SimpleSystemsManagement.Model;
using RdsTunnel.Aws.Clients;

namespace Amazon.SimpleSystemsManagement;

/// <summary>The calls of AWS Systems Manager that we use, under the names of the package AWSSDK.SimpleSystemsManagement, which takes this folder's place.</summary>
internal class AmazonSimpleSystemsManagementClient(AWSCredentials credentials, AmazonSimpleSystemsManagementConfig config)
    : JsonServiceClient(credentials, config)
{
    public SimpleSystemsManagementPaginatorFactory Paginators => new(this);

    public Task<StartSessionResponse> StartSessionAsync(StartSessionRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, "StartSession", ModelJson.Default.StartSessionRequest, ModelJson.Default.StartSessionResponse, cancellationToken);

    public Task<ResumeSessionResponse> ResumeSessionAsync(ResumeSessionRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, "ResumeSession", ModelJson.Default.ResumeSessionRequest, ModelJson.Default.ResumeSessionResponse, cancellationToken);

    public Task<TerminateSessionResponse> TerminateSessionAsync(TerminateSessionRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, "TerminateSession", ModelJson.Default.TerminateSessionRequest, ModelJson.Default.TerminateSessionResponse, cancellationToken);

    public Task<DescribeInstanceInformationResponse> DescribeInstanceInformationAsync(
        DescribeInstanceInformationRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, "DescribeInstanceInformation", ModelJson.Default.DescribeInstanceInformationRequest,
            ModelJson.Default.DescribeInstanceInformationResponse, cancellationToken);

    public Task<GetDocumentResponse> GetDocumentAsync(GetDocumentRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(request, "GetDocument", ModelJson.Default.GetDocumentRequest, ModelJson.Default.GetDocumentResponse, cancellationToken);

    protected override AmazonServiceException CreateException(ErrorResponse error) => new AmazonSimpleSystemsManagementException(error);
}
