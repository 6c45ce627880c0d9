using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Amazon.SimpleSystemsManagement;

/// <summary>An error of the service. <see cref="AmazonServiceException.ErrorCode"/> says which.</summary>
#pragma warning disable CA1032 // made from the service's answer only
internal sealed class AmazonSimpleSystemsManagementException(ErrorResponse error)
    : AmazonServiceException(error.Message, error.InnerException, error.Type, error.Code, error.RequestId, error.StatusCode);
