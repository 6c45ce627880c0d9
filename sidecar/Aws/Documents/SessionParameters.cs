using System.Globalization;

namespace RdsTunnel.Aws.Documents;

/// <summary>The parameters of a session: those that its document declares, and no others.</summary>
internal static class SessionParameters
{
    /// <exception cref="AwsException"><see cref="AwsErrorCode.InvalidDocument"/>: the document does
    /// not lead where the session is to go.</exception>
    public static Dictionary<string, List<string>> For(SessionDocument document, PortSessionRequest request)
    {
        var parameters = new Dictionary<string, List<string>>();
        AddHost(parameters, document, request.Host);
        AddPort(parameters, document, request.Port);

        // Left to its default where there is one: the local port is the listener's, and no business of the session's.
        if (document.ParameterOf("localPortNumber") is { } local && !document.Parameters[local].HasDefault)
        {
            Add(parameters, document, local, Number(request.LocalPort), "local port");
        }

        var missing = document
            .Parameters.Where(each => !each.Value.HasDefault && !parameters.ContainsKey(each.Key))
            .Select(each => each.Key)
            .ToList();
        return missing.Count == 0
            ? parameters
            : throw Misfit(
                document,
                $"has required parameters that a tunnel doesn't set ({string.Join(", ", missing.Take(5))})",
                "Add defaults for them to the document"
            );
    }

    /// <summary>Where the document leads by itself, for people; null when the session says it all.</summary>
    public static string? FixedPart(SessionDocument document) =>
        (document.FixedValueOf("host"), document.FixedValueOf("portNumber")) switch
        {
            ({ } host, { } port) => $"{host}:{port}",
            ({ } host, null) => $"the host {host}",
            (null, { } port) => $"the port {port}",
            _ => null,
        };

    private static void AddHost(Dictionary<string, List<string>> parameters, SessionDocument document, string? host)
    {
        if (document.ParameterOf("host") is { } parameter)
        {
            Add(
                parameters,
                document,
                parameter,
                host ?? throw Misfit(document, "requires a host, but the tunnel leads to the jump host itself", "Set the host"),
                "host"
            );
            return;
        }

        if (host is null)
        {
            return; // the jump host itself, or where the document leads
        }

        var isFixed = document.FixedValueOf("host") is { } leadsTo
            ? Same(leadsTo, host)
                ? true
                : throw Misfit(document, $"only leads to {leadsTo}, but the tunnel's host is {host}", "Use that host, or another document")
            : document.Properties.ContainsKey("host");
        if (!isFixed)
        {
            throw Misfit(
                document,
                $"only leads to the jump host itself, but the tunnel's host is {host}",
                "Remove the host, or use another document"
            );
        }
    }

    private static void AddPort(Dictionary<string, List<string>> parameters, SessionDocument document, int port)
    {
        if (document.ParameterOf("portNumber") is { } parameter)
        {
            Add(parameters, document, parameter, Number(port), "port");
        }
        else if (document.FixedValueOf("portNumber") is { } leadsTo && leadsTo.Trim() != Number(port))
        {
            throw Misfit(document, $"only leads to port {leadsTo}, but the tunnel's port is {port}", "Use that port, or another document");
        }
    }

    private static void Add(
        Dictionary<string, List<string>> parameters,
        SessionDocument document,
        string parameter,
        string value,
        string what
    ) =>
        parameters[parameter] = document.Parameters[parameter].Allows(value)
            ? [value]
            : throw Misfit(document, $"does not allow the {what} {value}", "Use one that it allows, or another document");

    private static bool Same(string a, string b) => a.Trim().TrimEnd('.').Equals(b.TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static AwsException Misfit(SessionDocument document, string why, string advice) =>
        new(AwsErrorCode.InvalidDocument, $"The session document {document.Name} {why}. {advice}.");
}
