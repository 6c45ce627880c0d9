using Xunit;

namespace RdsTunnel.Aws.Tests.AwsCli;

internal sealed class AwsCliFactAttribute : FactAttribute
{
    public AwsCliFactAttribute() => Skip = AwsCliLibrary.Missing;
}

internal sealed class AwsCliTheoryAttribute : TheoryAttribute
{
    public AwsCliTheoryAttribute() => Skip = AwsCliLibrary.Missing;
}
