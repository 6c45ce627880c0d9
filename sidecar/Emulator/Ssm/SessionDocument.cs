using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Sessions;

namespace RdsTunnel.Emulator.Ssm;

/// <summary>The session documents for ports: the parameters that each takes, and their defaults.</summary>
internal static class SessionDocument
{
    private const string PortForwarding = "AWS-StartPortForwardingSession";
    private const string PortForwardingToRemoteHost = "AWS-StartPortForwardingSessionToRemoteHost";
    private const int MaxPort = 65535;

    private static readonly SearchValues<char> NotInHost = SearchValues.Create(" ,$^&()!;'\"<>`{}[]|#=");

    public static PortSessionProperties Apply(string documentName, JsonNode? parameters)
    {
        var toRemoteHost = documentName == PortForwardingToRemoteHost;
        if (!toRemoteHost && documentName != PortForwarding)
        {
            throw new ServiceException("InvalidDocument", $"Document with name {documentName} does not exist.");
        }

        if (parameters is not (null or JsonObject))
        {
            throw new ServiceException("SerializationException", "Parameters must be a map.");
        }

        var values = (parameters as JsonObject ?? []).ToDictionary(parameter => parameter.Key, parameter => SingleValue(parameter.Key, parameter.Value));
        if (values.Keys.FirstOrDefault(name => name is not ("portNumber" or "localPortNumber") && !(toRemoteHost && name == "host")) is { } unknown)
        {
            throw Invalid($"Parameter {unknown} is not defined in the document {documentName}.");
        }

        var host = values.GetValueOrDefault("host", "localhost");
        if (host.Length < 3 || host.AsSpan().ContainsAny(NotInHost))
        {
            throw Invalid("Parameter host does not match the allowed pattern of the document.");
        }

        var localPort = values.GetValueOrDefault("localPortNumber", "0");
        ParsePort("localPortNumber", localPort);
        return new PortSessionProperties(
            toRemoteHost ? host : null, ParsePort("portNumber", values.GetValueOrDefault("portNumber", "80")), localPort);
    }

    private static string SingleValue(string name, JsonNode? value)
    {
        if (value is not JsonArray list || list.Any(item => item?.GetValueKind() != System.Text.Json.JsonValueKind.String))
        {
            throw new ServiceException("SerializationException", $"Parameter {name} must be a list of strings.");
        }

        return list.Count == 1 ? list[0]!.GetValue<string>() : throw Invalid($"Parameter {name} takes one value.");
    }

    private static int ParsePort(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= MaxPort
            ? port
            : throw Invalid($"Parameter {name} does not match the allowed pattern of the document.");

    private static ServiceException Invalid(string message) => new("InvalidParameters", message);
}
