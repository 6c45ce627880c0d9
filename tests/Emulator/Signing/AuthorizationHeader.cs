namespace RdsTunnel.Emulator.Signing;

/// <summary><c>AWS4-HMAC-SHA256 Credential=key/date/region/service/aws4_request, SignedHeaders=a;b, Signature=hex</c></summary>
internal sealed record AuthorizationHeader(
    string AccessKeyId,
    string Date,
    string Region,
    string Service,
    IReadOnlyList<string> SignedHeaders,
    string Signature
)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    private const string Terminator = "aws4_request";

    public string Scope => $"{Date}/{Region}/{Service}/{Terminator}";

    public static AuthorizationHeader Parse(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            throw new ServiceException("MissingAuthenticationTokenException", "Missing Authentication Token");
        }

        if (!header.StartsWith(Algorithm + " ", StringComparison.Ordinal))
        {
            throw Incomplete($"The authorization header must name the algorithm {Algorithm}.");
        }

        var fields = header[(Algorithm.Length + 1)..]
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(field => field.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0], StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First()[1], StringComparer.Ordinal);

        var scope = Field("Credential").Split('/');
        if (scope.Length != 5 || scope[4] != Terminator)
        {
            throw Incomplete("Credential must be <key>/<date>/<region>/<service>/aws4_request.");
        }

        return new AuthorizationHeader(scope[0], scope[1], scope[2], scope[3], Field("SignedHeaders").Split(';'), Field("Signature"));

        string Field(string name) =>
            fields.TryGetValue(name, out var value) ? value : throw Incomplete($"Authorization header requires '{name}' parameter.");
    }

    private static ServiceException Incomplete(string message) => new("IncompleteSignatureException", message);
}
