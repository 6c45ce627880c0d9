using System.Text.RegularExpressions;

namespace RdsTunnel.Aws.Configuration;

/// <summary>The name of a region, which becomes a part of the host name that gets our signature, or our token.</summary>
internal static partial class RegionName
{
    public static bool IsOne(string region) => Form().IsMatch(region);

    /// <param name="source">Where it stands, for people. What is wrong is not quoted: it may be what belongs into another line.</param>
    /// <exception cref="AwsException">It is the name of no region.</exception>
    public static string Checked(string region, string source) =>
        IsOne(region)
            ? region
            : throw new AwsException(
                AwsErrorCode.ConfigurationInvalid,
                $"{source} isn't a valid AWS region. Use a region such as eu-west-1."
            );

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)+\z")]
    private static partial Regex Form();
}
