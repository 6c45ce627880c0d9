using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace RdsTunnel.Aws.Clients;

/// <summary>What the pipelines of the SDK's clients lack.</summary>
internal static class ClientPipeline
{
    public static void Complete(RuntimePipeline pipeline)
    {
        pipeline.AddHandlerBefore<Signer>(new CredentialsFetcher());
        pipeline.AddHandlerBefore<ErrorHandler>(new AnswerGuard());
    }

    /// <summary>The signer asks for keys synchronously; those that come over the network are fetched before.</summary>
    private sealed class CredentialsFetcher : PipelineHandler
    {
        public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            var context = executionContext.RequestContext;
            if (context.Identity is AWSCredentials credentials and not AnonymousAWSCredentials)
            {
                context.Identity = Fixed.Of(await credentials.GetCredentialsAsync().ConfigureAwait(false));
            }

            return await base.InvokeAsync<T>(executionContext).ConfigureAwait(false);
        }
    }

    /// <summary>The readers of answers fail with whatever befalls them. What the network does is an
    /// <see cref="AwsException"/> already.</summary>
    private sealed class AnswerGuard : PipelineHandler
    {
        public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            try
            {
                return await base.InvokeAsync<T>(executionContext).ConfigureAwait(false);
            }
            catch (Exception e)
                when (e is not (AwsException or AmazonServiceException or OperationCanceledException or ObjectDisposedException))
            {
                throw new AmazonUnmarshallingException(
                    null,
                    null,
                    e,
                    executionContext.ResponseContext.HttpResponse?.StatusCode ?? HttpStatusCode.OK
                );
            }
        }
    }
}
