namespace RdsTunnel.Emulator.AwsProxy;

/// <summary>The names under which clients know AWS.</summary>
internal static class AwsNames
{
    private static readonly string[] Domains = [".amazonaws.com", ".amazonaws.com.cn", ".aws", ".awsapps.com", ".signin.aws.amazon.com"];

    public static bool IsAws(string host) => Array.Exists(Domains, domain => host.EndsWith(domain, StringComparison.OrdinalIgnoreCase));

    /// <summary><c>ssm.eu-west-1.amazonaws.com</c> and <c>ssmmessages</c> make <c>ssmmessages.eu-west-1.amazonaws.com</c>; so does
    /// <c>vpce-0a1b.ssm.eu-west-1.vpce.amazonaws.com</c>, whose owner is not told of endpoints for other services.</summary>
    public static string Beside(string host, string service)
    {
        var labels = host.Split('.').Where(label => label != "vpce").ToArray();
        return string.Join('.', [service, .. labels.Skip(labels[0].StartsWith("vpce-", StringComparison.Ordinal) ? 2 : 1)]);
    }
}
