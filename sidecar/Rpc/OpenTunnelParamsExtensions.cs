using RdsTunnel.Aws;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>The bounds of what a client, or a person at the command line, may ask for.</summary>
public static class OpenTunnelParamsExtensions
{
    private const int MaxPort = 65_535;
    private const int MaxSessionsOfOneTunnel = 16;
    private const int MaxNameLength = 256;     // of a tunnel or a profile: for people to read
    private const int MaxTargetLength = 400;   // StartSession's own limit
    private const int MaxTagLength = 128;      // of a tag's key
    private const int MaxHostLength = 253;     // of a DNS name
    private const int MinDocumentLength = 3;   // StartSession's own limits
    private const int MaxDocumentLength = 128;
    private const int MaxReasonLength = 1024;  // of a template: what it becomes is cut
    private const int MaxEndpointUrlLength = 2048;

    /// <exception cref="RpcException">InvalidParams, with the field.</exception>
    public static TunnelRequest ToRequest(this OpenTunnelParams parameters)
    {
        if ((parameters.Target ?? parameters.Host) is null)
        {
            throw ParamsReader.Invalid("host", "is missing; without it, a jump host (target) has to be named");
        }

        var request = new TunnelRequest
        {
            Target = parameters.Target is { } target ? Token("target", target, MaxTargetLength) : null,
            JumpHostTag = Line("jumpHostTag", parameters.JumpHostTag, MaxTagLength),
            Host = parameters.Host is { } host ? Token("host", WithoutBrackets(host.Trim()), MaxHostLength) : null,
            Port = Port(parameters.Port),
            LocalPort = InRange("localPort", parameters.LocalPort, 0, MaxPort),
            Name = parameters.Name is { } name ? Line("name", name, MaxNameLength) : null,
            Scope = new Scope(parameters.Profile, parameters.Region, parameters.EndpointUrl).ToAws(),
            Document = parameters.Document is { } document ? Document(document) : null,
            Reason = parameters.Reason is { } reason ? Template(reason) : null,
            OpenNow = parameters.OpenNow,
            MaxSessions = InRange("maxSessions", parameters.MaxSessions, 1, MaxSessionsOfOneTunnel),
        };
        return (request.Target ?? request.Host) is not null
            ? request
            : throw ParamsReader.Invalid("target", $"is missing: {parameters.Host!.Trim()} means the jump host itself, which has to be named");
    }

    /// <exception cref="RpcException">InvalidParams, with the field.</exception>
    public static AwsScope ToAws(this Scope scope) => new(
        scope.Profile is { } profile ? Line("profile", profile, MaxNameLength) : null,
        scope.Region is { } region ? Region(region) : null,
        scope.EndpointUrl is { } url ? EndpointUrl(url) : null);

    /// <summary>A host that can be put into a URL.</summary>
    /// <exception cref="RpcException">InvalidParams.</exception>
    internal static string Host(string value) => Uri.CheckHostName(Token("host", value, MaxHostLength)) == UriHostNameType.Unknown
        ? throw ParamsReader.Invalid("host", "is not the name of a host")
        : value;

    internal static int Port(int value) => InRange("port", value, 1, MaxPort);

    private static int InRange(string field, int value, int from, int to) =>
        value >= from && value <= to ? value : throw ParamsReader.Invalid(field, $"is {value}; it must be {from} to {to}");

    private static string Line(string field, string value, int maxLength) =>
        string.IsNullOrWhiteSpace(value) ? throw ParamsReader.Invalid(field, "is empty")
        : value.Length > maxLength ? throw ParamsReader.Invalid(field, $"has {value.Length} characters; at most {maxLength} are allowed")
        : value.Any(char.IsControl) ? throw ParamsReader.Invalid(field, "contains a control character")
        : value;

    // As StartSession takes it. An ARN has colons, and a name has none: what follows one there would be a version.
    private static string Document(string value) =>
        value.Length is < MinDocumentLength or > MaxDocumentLength || !value.All(c => char.IsAsciiLetterOrDigit(c) || "_-.:/".Contains(c, StringComparison.Ordinal))
            ? throw ParamsReader.Invalid("document", $"is not the name of a session document: {MinDocumentLength} to {MaxDocumentLength} letters, digits, and _ - .")
        : value.Contains(':', StringComparison.Ordinal) && !IsDocumentArn(value)
            ? throw ParamsReader.Invalid("document", "names a version; sessions always take a document's default version, so leave it out")
        : value;

    private static bool IsDocumentArn(string value) =>
        value.Split(':') is ["arn", var partition, "ssm", _, _, var resource] && partition.StartsWith("aws", StringComparison.Ordinal) && resource.StartsWith("document/", StringComparison.Ordinal);

    private static string Template(string reason) =>
        string.IsNullOrWhiteSpace(reason) ? throw ParamsReader.Invalid("reason", "is empty")
        : reason.Length > MaxReasonLength ? throw ParamsReader.Invalid("reason", $"has {reason.Length} characters; at most {MaxReasonLength} are allowed")
        : SessionReason.ProblemOf(reason) is { } problem ? throw ParamsReader.Invalid("reason", problem)
        : reason;

    // An IPv6 address as URLs have it.
    private static string WithoutBrackets(string host) => host is ['[', .. var address, ']'] ? address : host;

    private static string Token(string field, string value, int maxLength) =>
        Line(field, value, maxLength).Any(char.IsWhiteSpace) ? throw ParamsReader.Invalid(field, "contains a space") : value;

    // It becomes a part of host names.
    private static string Region(string value) =>
        Token("region", value, maxLength: 64).All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? value
            : throw ParamsReader.Invalid("region", "is not a region's name, as in eu-central-1");

    private static Uri EndpointUrl(string value) =>
        !Uri.TryCreate(Token("endpointUrl", value, MaxEndpointUrlLength), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")
            ? throw ParamsReader.Invalid("endpointUrl", "is not an http or https address")
            : url.UserInfo.Length > 0 ? throw ParamsReader.Invalid("endpointUrl", "contains a user name or password")
            : url;
}
