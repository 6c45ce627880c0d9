using System.Text.RegularExpressions;
using RdsTunnel.Aws;

namespace RdsTunnel.Tunnels;

/// <summary>What a valid request for a tunnel is. RPC and the command line put the outcome in their
/// own words for a field; the tables of docs/rpc.md, the
/// extension's checks and the JSON schemas of settings and team file are generated from here.</summary>
public static partial class TunnelRules
{
    public const int DefaultMaxSessions = 4;

    public const string DefaultJumpHostTag = "rds-tunnel:jump-host";

    private const string RegionPattern = "^[a-z0-9-]+$";

    // As StartSession takes it. An ARN has colons; a name has none, where what follows one would be a version.
    private const string DocumentPattern = "^(?:[A-Za-z0-9_./-]+|arn:aws[A-Za-z0-9-]*:ssm:[A-Za-z0-9-]*:[0-9]*:document/[A-Za-z0-9_./-]+)$";

    public static readonly TextRule Name = TextRule.Line("name", maxLength: 256);

    /// <summary>As the jump host sees it. Without brackets, if it is an IPv6 address.</summary>
    public static readonly TextRule Host = TextRule.Token(
        "host",
        maxLength: 253 /* a DNS name */
        ,
        pattern: @"^\s*[^\s\x00-\x1f\x7f-\x9f]+\s*$",
        further: host => Uri.CheckHostName(host) == UriHostNameType.Unknown ? "is not a valid host name" : null
    );

    public static readonly NumberRule Port = new("port", 1, 65_535);

    /// <summary>0 for a free one.</summary>
    public static readonly NumberRule LocalPort = new("localPort", 0, 65_535);

    public static readonly TextRule Target = TextRule.Token("target", maxLength: 400); // StartSession's own limit

    public static readonly FlagRule StartJumpHost = new("startJumpHost");

    public static readonly TextRule JumpHostTag = TextRule.Line("jumpHostTag", maxLength: 128); // a tag's key

    public static readonly TextRule Profile = TextRule.Line("profile", maxLength: 256);

    /// <summary>It becomes a part of host names.</summary>
    public static readonly TextRule Region = new(
        "region",
        1,
        64,
        RegionPattern,
        region => TextRule.IsWhole(RegionName, region) ? null : "is not a valid region, for example eu-central-1"
    );

    /// <summary>The lengths are StartSession's own limits.</summary>
    public static readonly TextRule Document = new(
        "document",
        3,
        128,
        DocumentPattern,
        document =>
            document.Length >= 3 && TextRule.IsWhole(DocumentName, document) ? null
            : TextRule.IsWhole(VersionedDocument, document) ? "includes a version. Sessions always use a document's default version"
            : "is not the name or the ARN of a session document: 3 to 128 letters, digits, dots, hyphens and underscores"
    );

    /// <summary>A template; what it becomes is cut.</summary>
    public static readonly TextRule Reason = new("reason", 1, 1024, SessionReason.Pattern, SessionReason.ProblemOf);

    /// <summary>As <see cref="Reason"/>.</summary>
    public static readonly TextRule RequestAccess = new("requestAccess", 1, 1024, SessionReason.Pattern, SessionReason.ProblemOf);

    public static readonly FlagRule Socket = new("socket");

    public static readonly TextRule Login = new(
        "login",
        3,
        6,
        $"^(?:{string.Join('|', LoginKind.All)})$",
        login => LoginKind.All.Contains(login) ? null : $"must be {string.Join(", ", LoginKind.All)}"
    );

    public static readonly TextRule User = TextRule.Line("user", maxLength: 128);

    /// <summary>A database's own name on its server.</summary>
    public static readonly TextRule Database = TextRule.Line("database", maxLength: 128);

    /// <summary>The length is Secrets Manager's own limit.</summary>
    public static readonly TextRule SecretId = TextRule.Token("secretId", maxLength: 2048);

    public static readonly FlagRule Compress = new("compress");

    public static readonly FlagRule LocalTls = new("localTls");

    public static readonly FlagRule LocalPassword = new("localPassword");

    /// <summary>Long enough that it cannot be guessed, if it is random.</summary>
    public static readonly TextRule LocalPasswordText = new(
        "localPasswordText",
        16,
        128,
        "^[!-~]{16,128}$",
        text => text.Length >= 16 && text.All(c => c is >= '!' and <= '~') ? null : "must have 16 to 128 ASCII characters without spaces"
    );

    public static readonly NumberRule MaxSessions = new("maxSessions", 1, 16);

    public static readonly TextRule EndpointUrl = TextRule.Token("endpointUrl", maxLength: 2048, further: ProblemOfUrl);

    public static IReadOnlyList<FieldRule> All { get; } =
    [
        Name,
        Host,
        Port,
        LocalPort,
        Target,
        StartJumpHost,
        RequestAccess,
        Profile,
        Region,
        Document,
        Reason,
        Socket,
        Login,
        User,
        Database,
        SecretId,
        Compress,
        LocalTls,
        LocalPassword,
        LocalPasswordText,
        JumpHostTag,
        MaxSessions,
        EndpointUrl,
    ];

    /// <summary>Null when nothing is wrong.</summary>
    public static FieldProblem? ProblemOf(TunnelRequest request) =>
        (request.Target ?? request.Host) is null
            ? request.IsForJumpHostItself
                ? new(Target.Field, "is missing: localhost means the jump host itself, so choose a jump host")
                : new(Host.Field, "is missing: enter the database's host, or choose a jump host")
            : Of(Target, request.Target)
                ?? JumpHostTag.ProblemOf(request.JumpHostTag)
                ?? Of(Host, request.Host)
                ?? Port.ProblemOf(request.Port)
                ?? LocalPort.ProblemOf(request.LocalPort)
                ?? Of(Name, request.Name)
                ?? ProblemOf(request.Scope)
                ?? Of(Document, request.Document)
                ?? Of(Reason, request.Reason)
                ?? Of(RequestAccess, request.RequestAccess)
                ?? Of(User, request.User)
                ?? Of(SecretId, request.SecretId)
                ?? Of(LocalPasswordText, request.LocalPasswordText)
                ?? LoginRules.ProblemOf(request)
                ?? MaxSessions.ProblemOf(request.MaxSessions);

    /// <summary>Null when nothing is wrong.</summary>
    public static FieldProblem? ProblemOf(AwsScope scope) =>
        Of(Profile, scope.Profile) ?? Of(Region, scope.Region) ?? Of(EndpointUrl, scope.EndpointUrl?.OriginalString);

    /// <exception cref="TunnelException">The request is invalid.</exception>
    public static void Require(TunnelRequest request)
    {
        if (ProblemOf(request) is { } problem)
        {
            throw new TunnelException(TunnelErrorCode.InvalidRequest, $"The tunnel's {problem.Field} {problem.Problem}.");
        }
    }

    private static FieldProblem? Of(TextRule rule, string? value) => value is null ? null : rule.ProblemOf(value);

    private static string? ProblemOfUrl(string value) =>
        !Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") ? "is not an http or https URL"
        : url.UserInfo.Length > 0 ? "contains a user name or password"
        : null;

    [GeneratedRegex(RegionPattern, RegexOptions.CultureInvariant)]
    private static partial Regex RegionName { get; }

    [GeneratedRegex(@"^[A-Za-z0-9_./:-]+:(?:[0-9]+|\$[A-Z]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex VersionedDocument { get; }

    [GeneratedRegex(DocumentPattern, RegexOptions.CultureInvariant)]
    private static partial Regex DocumentName { get; }
}
