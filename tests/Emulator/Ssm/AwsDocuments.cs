using System.Text.Json;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Ssm;

/// <summary>The session documents that AWS has in every account: those for ports, and some that give a shell.</summary>
internal static class AwsDocuments
{
    private const string Ports = """^([0-9]|[1-9][0-9]{1,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$""";
    private const string Hosts = """^[^,$^&\(\)!;'"<>\`{}\[\]\|#=]{3,}$""";

    public static IReadOnlyList<EmulatedDocument> All { get; } =
    [
        new("AWS-StartPortForwardingSession") { Content = Content(toRemoteHost: false) },
        new("AWS-StartPortForwardingSessionToRemoteHost") { Content = Content(toRemoteHost: true) },
        new("AWS-StartSSHSession")
        {
            Content = Parse(
                """{"schemaVersion":"1.0","description":"Forwards a connection","sessionType":"Port","parameters":{"portNumber":{"type":"String","default":"22"}},"properties":{"portNumber":"{{ portNumber }}"}}"""
            ),
        },
        new("AWS-StartInteractiveCommand")
        {
            Content = Parse(
                """{"schemaVersion":"1.0","description":"Runs a command","sessionType":"InteractiveCommands","parameters":{"command":{"type":"String"}}}"""
            ),
        },
        new("SSM-SessionManagerRunShell")
        {
            Content = Parse("""{"schemaVersion":"1.0","description":"A shell","sessionType":"Standard_Stream","inputs":{}}"""),
        },
    ];

    private static JsonElement Content(bool toRemoteHost) =>
        Parse(
            $$"""
            {
              "schemaVersion": "1.0",
              "description": "Forwards a port",
              "sessionType": "Port",
              "parameters": {
                "portNumber": { "type": "String", "allowedPattern": {{Quoted(Ports)}}, "default": "80" },
                "localPortNumber": { "type": "String", "allowedPattern": {{Quoted(Ports)}}, "default": "0" }
                {{(
                toRemoteHost ? $$""", "host": { "type": "String", "allowedPattern": {{Quoted(Hosts)}}, "default": "localhost" }""" : ""
            )}}
              },
              "properties": {
                "portNumber": "{{"{{ portNumber }}"}}", "localPortNumber": "{{"{{ localPortNumber }}"}}", "type": "LocalPortForwarding"
                {{(toRemoteHost ? """, "host": "{{ host }}" """ : "")}}
              }
            }
            """
        );

    private static string Quoted(string pattern) => $"\"{JsonEncodedText.Encode(pattern)}\"";

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement.Clone();
}
